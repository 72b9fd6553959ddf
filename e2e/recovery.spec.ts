/** What goes wrong beside the numbers, and the way on: code that cannot be loaded, a worker that ends, a GPU that is lost. */
import { readFile } from 'node:fs/promises'
import type { Page, Worker } from '@playwright/test'
import { HEADERS } from '../scripts/headers.mjs'
import { address, button, expect, expectState, measureWith, SMALL_RUN, test } from './lab'

/** A long run that is evaluated after each of its short epochs. */
const LONG_RUN = { ...SMALL_RUN, num_epochs: '4000' }

const alertOf = (page: Page, text: string | RegExp) => page.getByRole('alert').filter({ hasText: text })

/** Answers 404 for scripts of this name, until the returned function is called. */
async function missing(page: Page, name: string): Promise<() => void> {
  let gone = true
  await page
    .context()
    .route(new RegExp(`/${name}[^/]*\\.js`), (route) =>
      gone ? route.fulfill({ status: 404, body: 'Not Found' }) : route.continue(),
    )
  return () => {
    gone = false
  }
}

const labWorkers = (page: Page): Worker[] =>
  page.workers().filter((worker) => /lab\.worker/.test(worker.url()))

/** Exports a run as safetensors. @returns the step and the vector of weights that the file holds */
async function exported(page: Page, run: 'SGD' | 'SAM') {
  await button(page, 'Export weights').click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: new RegExp(`${run}.*safetensors`, 'i') }).click()
  const bytes = await readFile(await (await download).path())
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString())
  return { step: Number(header.__metadata__.step), bytes }
}

/** Waits for the first evaluation of both runs. */
async function expectEvaluated(page: Page): Promise<void> {
  await expect(
    page
      .getByRole('figure', { name: /test error/i })
      .locator('.big-number')
      .last(),
  ).toHaveText(/%/)
}

async function trainAgain(page: Page): Promise<void> {
  await button(page, 'Train').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Train again' }).click()
}

test.describe('code that cannot be loaded', () => {
  test.use({ expectedErrors: [/404|dynamically imported module|LineChartView|BasinsView|PlotlyView|plotly/] })

  test('costs its panels only, training goes on, and Retry brings them', async ({ page }) => {
    const mend = await missing(page, 'LineChartView')
    await page.goto(address({ ...SMALL_RUN, num_epochs: '12' }))
    await expect(alertOf(page, 'The drawing: cannot be shown').first()).toContainText(/could not be loaded/)
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
    await expect(
      page
        .getByRole('figure', { name: /training loss/i })
        .locator('.big-number')
        .last(),
    ).toHaveText(/\d/)
    expect((await exported(page, 'SAM')).step).toBe(96)
    // Still missing: said again.
    await button(page, 'Retry').first().click()
    await expect(alertOf(page, 'The drawing: cannot be shown').first()).toBeVisible()
    mend()
    await button(page, 'Retry').first().click()
    const loss = page.getByRole('figure', { name: /training loss/i })
    await expect(loss.locator('.curve-sgd path').first()).toBeVisible()
    // One Retry mends all that failed.
    await expect(alertOf(page, 'cannot be shown')).toHaveCount(0)
  })

  test('the surfaces without their drawing; in WebGL without our part of it, then without the library', async ({
    page,
  }) => {
    const mend = await missing(page, 'BasinsView')
    const [mendOurs, mendLibrary] = [await missing(page, 'PlotlyView'), await missing(page, 'plotly')]
    await page.goto(address({ ...SMALL_RUN, num_epochs: '1' }))
    await measureWith(page, { num_images: '64', points_1d: '5', points_2d: '5' })
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
    await expect(button(page, 'Compute 2-D slice')).toBeEnabled({ timeout: 60_000 })
    await page.getByRole('link', { name: 'Landscape' }).click()
    await button(page, 'Compute 2-D slice').click()
    await expect(alertOf(page, 'The drawing: cannot be shown')).toBeVisible()
    await expectState(page, 'finished')
    mend()
    await button(page, 'Retry').click()
    await expect(page.locator('.basins canvas').first()).toBeVisible()

    await page.getByText('WebGL', { exact: true }).click()
    await expect(alertOf(page, 'The drawing: cannot be shown')).toBeVisible()
    await expectState(page, 'finished')
    mendOurs()
    const refused = page.waitForResponse(
      (answer) => /\/plotly[^/]*\.js/.test(answer.url()) && answer.status() === 404,
    )
    await button(page, 'Retry').click()
    await refused
    await expect(alertOf(page, 'The drawing: cannot be shown')).toBeVisible()
    await expectState(page, 'finished')
    mendLibrary()
    await button(page, 'Retry').click()
    await expect(page.locator('.js-plotly-plot canvas').first()).toBeVisible()
  })
})

test.describe('a worker', () => {
  test.use({ expectedErrors: [/404|on purpose/] })

  test('whose script is not there: said at once, and Train starts one when it is', async ({ page }) => {
    const mend = await missing(page, 'lab\\.worker')
    await page.goto(address({ ...SMALL_RUN, num_epochs: '1' }))
    await expectState(page, 'failed')
    await expect(alertOf(page, 'could not be loaded')).toBeVisible()
    await button(page, 'Train').click()
    await expect(alertOf(page, 'could not be loaded')).toBeVisible()
    mend()
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
  })

  test('that throws at its start is said, and Reset looks again', async ({ page }) => {
    let broken = true
    await page.context().route(/lab\.worker[^/]*\.js/, async (route) => {
      if (broken)
        await route.fulfill({
          contentType: 'text/javascript',
          headers: HEADERS,
          body: 'throw new Error("on purpose")',
        })
      else await route.continue()
    })
    await page.goto(address(SMALL_RUN))
    await expectState(page, 'failed')
    await expect(alertOf(page, 'on purpose')).toBeVisible()
    broken = false
    await button(page, 'Reset (same seed)').click()
    await expectState(page, 'idle')
    await expect(page.getByRole('alert')).toHaveCount(0)
  })

  for (const [how, end] of [
    ['ends without a word', 'close()'],
    ['throws', 'setTimeout(() => { throw new Error("on purpose") })'],
  ] as const) {
    test(`that ${how} in the middle: said, its weights are exported, and the next one trains`, async ({
      page,
    }) => {
      await page.goto(address(LONG_RUN))
      await button(page, 'Train').click()
      await expectState(page, 'training')
      await expectEvaluated(page)
      const [worker] = labWorkers(page)
      await worker.evaluate(end)
      await expectState(page, 'failed')
      await expect(alertOf(page, /worker stopped/)).toBeVisible()
      await expect(
        page.getByText(/Kept from the last evaluation: SGD at step \d+, SAM at step \d+/),
      ).toBeVisible()
      for (const run of ['SGD', 'SAM'] as const) {
        const { step } = await exported(page, run)
        expect(step).toBeGreaterThan(0)
        expect(step % 8).toBe(0)
      }
      await trainAgain(page)
      await expectState(page, 'training')
      await button(page, 'Stop').click()
      await expectState(page, 'stopped')
    })
  }
})

/** Keeps the worker's device in reach of `losesDevice`. */
const REACH = `
const { requestDevice } = GPUAdapter.prototype
GPUAdapter.prototype.requestDevice = async function (descriptor) {
  return (globalThis.device = await requestDevice.call(this, descriptor))
}
`

test.describe('a lost GPU', () => {
  let refuseGpu: boolean
  test.beforeEach(async ({ page }) => {
    refuseGpu = false
    await page.context().route(/lab\.worker[^/]*\.js/, async (route) => {
      const response = await route.fetch()
      const reach = refuseGpu ? `GPU.prototype.requestAdapter = async () => null\n` : REACH
      await route.fulfill({ response, body: reach + (await response.text()) })
    })
  })

  const lose = async (page: Page) => {
    await labWorkers(page).at(-1)!.evaluate('device.destroy()')
    await expectState(page, 'failed')
    await expect(alertOf(page, /the device was lost/)).toBeVisible()
  }

  test('after the end of a run costs nothing of it', async ({ page }) => {
    await page.goto(address({ ...SMALL_RUN, device: 'webgpu' }))
    await measureWith(page, { num_images: '64', points_1d: '5' })
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
    await expect(button(page, 'Compute 2-D slice')).toBeEnabled({ timeout: 60_000 })
    const before = await exported(page, 'SAM')
    await lose(page)
    const after = await exported(page, 'SAM')
    expect(after.step).toBe(16)
    expect(after.bytes.equals(before.bytes)).toBe(true)
    // The curves are there until the person says that they may go.
    await expect(page.locator('.curve-sam path').first()).toBeVisible()
    await button(page, 'Reset (same seed)').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click()
    await expect(page.locator('.curve-sam path').first()).toBeVisible()
    await trainAgain(page)
    await expectState(page, 'training')
    await expectState(page, 'finished', 90_000)
    // The same run again, to the same bits.
    const again = await exported(page, 'SAM')
    expect(weightsIn(again.bytes).equals(weightsIn(before.bytes))).toBe(true)
  })

  test('in the middle of a run: a new device goes on; where there is none it stops, and Continue goes on later', async ({
    page,
  }) => {
    await page.goto(address({ ...LONG_RUN, device: 'webgpu' }))
    await button(page, 'Train').click()
    await expect(page.locator('[data-kept-step]')).toHaveText(/kept up to step/)
    await labWorkers(page).at(-1)!.evaluate('device.destroy()')
    await expect(
      page.getByText(/The GPU was lost at step [\d,]+\. A new one goes on from step/),
    ).toBeVisible()
    await expectState(page, 'training')
    await expect(page.locator('[data-kept-step]')).toHaveText(/kept up to step/)
    refuseGpu = true
    await labWorkers(page).at(-1)!.evaluate('device.destroy()')
    await expectState(page, 'failed')
    await expect(alertOf(page, 'A new device was tried twice and did not last.')).toBeVisible()
    expect((await exported(page, 'SGD')).step).toBeGreaterThan(0)
    refuseGpu = false
    await button(page, 'Continue').click()
    await expectState(page, 'training')
    await button(page, 'Stop').click()
    await expectState(page, 'stopped')
  })
})

test.describe('no way on', () => {
  test.use({ expectedErrors: [/404/] })
  test('a Reset that is not taken clears nothing', async ({ page }) => {
    await page.goto(address(SMALL_RUN))
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
    const mend = await missing(page, 'lab\\.worker')
    await labWorkers(page)[0].evaluate('close()')
    await expectState(page, 'failed')
    await button(page, 'Reset (same seed)').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Drop it' }).click()
    await expect(alertOf(page, 'could not be loaded')).toBeVisible()
    await expectState(page, 'failed')
    await expect(page.locator('.curve-sam path').first()).toBeVisible()
    mend()
    expect((await exported(page, 'SAM')).step).toBe(16)
  })
})

test.describe('unsaved training', () => {
  test('is not dropped unasked: Reset, New seed', async ({ page }) => {
    await page.goto(address({ ...SMALL_RUN, num_epochs: '1' }))
    // Nothing trained: nothing to ask.
    await button(page, 'New seed').click()
    await expect.poll(() => new URL(page.url()).searchParams.get('run_seed')).toBe('1')
    expect(await asksBeforeClosing(page)).toBe(false)
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
    for (const name of ['Reset (same seed)', 'New seed']) {
      await button(page, name).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click()
      await expectState(page, 'finished')
    }
    // What is kept is there at the next visit; kept.spec.ts has a browser that keeps nothing.
    expect(await asksBeforeClosing(page)).toBe(false)
    await button(page, 'New seed').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take the next seed' }).click()
    await expectState(page, 'idle')
    await expect.poll(() => new URL(page.url()).searchParams.get('run_seed')).toBe('2')
  })
})

/** Whether a listener has asked the browser to ask; the event is the one that closing and reloading send. */
function asksBeforeClosing(page: Page): Promise<boolean> {
  return page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })))
}

/** The tensors behind the header, which also holds the seconds that training took. */
const weightsIn = (bytes: Buffer): Buffer => bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)))
