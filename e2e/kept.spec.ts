/** Runs that last: reloaded, left without a GPU, looked at from another tab, on a disk that is full or refused. */
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { address, button, expect, expectState, SMALL_RUN, test, unfold } from './lab'

/** Trains on while its page is reloaded, and is over soon; evaluated after each of its short epochs. */
const RUN = { ...SMALL_RUN, num_epochs: '150' }
/** Never over by itself. */
const LONG_RUN = { ...SMALL_RUN, num_epochs: '4000' }

/** The step up to which all runs are kept. */
async function keptStep(page: Page): Promise<number> {
  const fact = page.locator('[data-kept-step]')
  return (await fact.count()) > 0 ? Number(await fact.getAttribute('data-kept-step')) : 0
}

const keptBeyond = (page: Page, step: number) =>
  expect.poll(() => keptStep(page), { timeout: 60_000 }).toBeGreaterThan(step)

/** Reloads in the moment in which the page says that a step is kept: who asks from outside may come when all is over. */
async function reloadedOnceKept(page: Page): Promise<void> {
  const loaded = page.waitForEvent('load')
  await page.evaluate(() => {
    const observer = new MutationObserver(look)
    observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-kept-step'] })
    look()
    function look() {
      const kept = document.querySelector('[data-kept-step]')?.getAttribute('data-kept-step')
      if (Number(kept ?? 0) === 0) return
      observer.disconnect()
      location.reload()
    }
  })
  await loaded
}

/** The tensors of SAM as safetensors, without the header, which says how long training took. */
async function weights(page: Page): Promise<Buffer> {
  await button(page, 'Export weights').click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /SAM.*safetensors/i }).click()
  const bytes = await readFile(await (await download).path())
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)))
}

const progress = async (page: Page) =>
  Number(await page.getByRole('progressbar').last().getAttribute('aria-valuenow'))

test('reloaded in the middle, it stands there with its curves, goes on, and ends at the same bits', async ({
  page,
}) => {
  await page.goto(address(RUN))
  await button(page, 'Train').click()
  await expectState(page, 'finished', 90_000)
  const whole = await weights(page)
  await button(page, 'Train').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Train again' }).click()
  await expectState(page, 'training')
  await reloadedOnceKept(page)
  await expectState(page, 'interrupted')
  await expect(page.locator('.curve-sam path').first()).toBeVisible()
  const at = await progress(page)
  expect(at).toBeGreaterThan(0)
  expect(at).toBeLessThan(1200)
  await unfold(page, 'Data and training')
  await expect(page.locator('[name=num_epochs]')).toHaveValue('150')
  await button(page, 'Continue').click()
  await expectState(page, 'finished', 90_000)
  expect((await weights(page)).equals(whole)).toBe(true)
  // What has ended is kept, and is not in the way of the next visit.
  await page.reload()
  await expectState(page, 'idle')
})

test('a link to other settings opens to these, and offers what was interrupted', async ({ page }) => {
  await page.goto(address(LONG_RUN))
  await button(page, 'Train').click()
  await keptBeyond(page, 0)
  await page.goto(address({ ...SMALL_RUN, num_epochs: '3' }))
  await expectState(page, 'idle')
  await unfold(page, 'Data and training')
  await expect(page.locator('[name=num_epochs]')).toHaveValue('3')
  await expect(page.getByRole('note').filter({ hasText: /Interrupted at step \d+/ })).toBeVisible()
  await button(page, 'Continue').click()
  await expectState(page, 'training')
  await expect(page.locator('[name=num_epochs]')).toHaveValue('4000')
  await button(page, 'Stop').click()
  await expectState(page, 'stopped')
})

test.describe('on a GPU', () => {
  test.use({ expectedErrors: [/GPU|WebGPU|device|context/i] })

  test('whose process is killed, training goes on by itself from what was kept, and says so', async ({
    page,
    browser,
  }) => {
    await page.goto(address({ ...LONG_RUN, device: 'webgpu' }))
    await button(page, 'Train').click()
    await keptBeyond(page, 0)
    const session = await browser.newBrowserCDPSession()
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    const gpu = processInfo.find(({ type }) => type === 'GPU')!
    process.kill(gpu.id, 'SIGKILL')
    await expect(page.getByText(/The GPU was lost at step [\d,]+\. A new one goes on from step/)).toBeVisible(
      {
        timeout: 60_000,
      },
    )
    await expectState(page, 'training')
    const kept = await keptStep(page)
    await keptBeyond(page, kept)
    await button(page, 'Stop').click()
    await expectState(page, 'stopped')
  })
})

test('another tab watches it grow, and takes over when the first is closed', async ({ page, context }) => {
  await page.goto(address(LONG_RUN))
  await button(page, 'Train').click()
  await keptBeyond(page, 0)
  const other = await context.newPage()
  await other.goto(address())
  await expectState(other, 'idle')
  await button(other, 'Watch').click()
  await expectState(other, 'following')
  await expect(other.locator('.curve-sam path').first()).toBeVisible()
  const seen = await progress(other)
  await expect.poll(() => progress(other)).toBeGreaterThan(seen)
  await page.close()
  await expectState(other, 'interrupted')
  await button(other, 'Continue').click()
  await expectState(other, 'training')
  await button(other, 'Stop').click()
  await expectState(other, 'stopped')
  await other.close()
})

/** Bytes of storage that the browser grants this page from now on. */
async function grant(page: Page, quotaSize: number): Promise<void> {
  const origin = new URL(page.url()).origin
  const session = await page.context().newCDPSession(page)
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize })
}

test.describe('with 20 MB', () => {
  test.use({ newBrowser: true })
  const RUN_ONCE = { ...SMALL_RUN, num_epochs: '1', num_train_examples: '256' }

  test('checkpoints that do not fit are refused, and the curves are kept', async ({ page }) => {
    await page.goto(address({ ...RUN_ONCE, mlp_layers: '2000' }))
    await grant(page, 20_000_000)
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
    await expect(page.getByText(/do not fit into what this browser grants the page/)).toBeVisible()
  })

  test('old checkpoints make room for new ones, which is said before', async ({ page }) => {
    // A checkpoint of both runs takes 4.6 MB, the images 9.
    await page.goto(address({ ...RUN_ONCE, mlp_layers: '360' }))
    await grant(page, 20_000_000)
    for (let seed = 0; seed < 4; seed++) {
      await button(page, 'Train').click()
      await expectState(page, 'finished', 90_000)
      const gone = page.getByText(/checkpoints of old runs go/)
      await expect(page.locator('[data-kept-step="4"]').or(gone)).toBeVisible()
      if (await gone.isVisible()) {
        await keptBeyond(page, 3)
        return
      }
      await button(page, 'New seed').click()
      await page.getByRole('dialog').getByRole('button', { name: 'Take the next seed' }).click()
      await expectState(page, 'idle')
    }
    throw new Error('there was room for all')
  })
})

test.describe('a browser that refuses its database', () => {
  test('trains on, says in a line that nothing is kept, and asks before the tab is closed', async ({
    page,
  }) => {
    await page.route(/(lab|data)\.worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch()
      const refusal = `indexedDB.open = () => { throw new DOMException('denied', 'SecurityError') }`
      await route.fulfill({ response, body: `${refusal}\n${await response.text()}` })
    })
    await page.goto(address({ ...SMALL_RUN, num_epochs: '1' }))
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
    await expect(page.getByText(/Nothing of these runs is kept/)).toBeVisible()
    expect(await page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })))).toBe(
      true,
    )
  })
})
