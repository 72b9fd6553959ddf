/** What goes wrong in real life: a damaged shard, no WebGPU, a hidden tab, a diverging run. */
import type { Page } from '@playwright/test'
import { address, button, expect, expectState, SMALL_RUN, test, unfold } from './lab'

test.describe('a damaged shard', () => {
  test.use({ expectedErrors: [/404/] })
  test('is named with the remedy, stores nothing, and training works once it is mended', async ({ page }) => {
    let damage = true
    await page.context().route('**/datasets/fashion_mnist/train-*', async (route) => {
      if (!damage) return route.continue()
      const response = await route.fetch()
      const body = await response.body()
      body[body.length >> 1] ^= 0xff
      await route.fulfill({ response, body })
    })
    await page.goto(address(SMALL_RUN))
    await button(page, 'Train').click()
    await expectState(page, 'failed')
    await expect(page.getByRole('alert').filter({ hasText: /train-\d+/ })).toBeVisible()
    damage = false
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
  })
})

/** Addresses of the bundled shards that the page asks for, from now on. */
function shardsFetched(page: Page): string[] {
  const fetched: string[] = []
  page.context().on('request', (request) => {
    if (/\/datasets\/.*\.gz/.test(request.url())) fetched.push(request.url())
  })
  return fetched
}

test('without a GPU the page trains in WebAssembly on all cores, says so in a line, and fetches shards once', async ({
  page,
}) => {
  const fetched = shardsFetched(page)
  await page.goto(address({ ...SMALL_RUN, num_epochs: '1' }))
  await expect(page.getByRole('note')).toHaveText(/WebAssembly on \d+ threads?/)
  expect(await page.evaluate('crossOriginIsolated')).toBe(true)
  await button(page, 'Train').click()
  await expectState(page, 'finished', 90_000)
  const first = fetched.length
  // One of the 24 training shards holds 512 images; all test shards are needed for the final error.
  expect(fetched.filter((url) => /train-/.test(url))).toHaveLength(1)
  await page.reload()
  await button(page, 'Train').click()
  await expectState(page, 'finished', 90_000)
  expect(fetched).toHaveLength(first)
})

/** Bytes of storage that the browser grants this page from now on. */
async function grant(page: Page, quotaSize: number): Promise<void> {
  const origin = new URL(page.url()).origin
  const session = await page.context().newCDPSession(page)
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize })
}

test.describe('little room', () => {
  test.use({ newBrowser: true })
  for (const [room, quota] of [
    ['less than a run’s images', 5_000_000],
    ['hardly any', 1000],
  ] as const) {
    test(`a browser that grants ${room} (${quota} bytes) trains, says what it costs, and fetches once a visit`, async ({
      page,
    }) => {
      const fetched = shardsFetched(page)
      await page.goto(address({ ...SMALL_RUN, num_epochs: '1' }))
      await grant(page, quota)
      await button(page, 'Train').click()
      await expectState(page, 'finished', 90_000)
      await expect(page.getByText(/fetched again at every visit/)).toBeVisible()
      // One training shard and the four of the test split.
      expect(fetched).toHaveLength(5)
      await button(page, 'Reset (same seed)').click()
      await page.getByRole('dialog').getByRole('button', { name: 'Drop it' }).click()
      await expectState(page, 'idle')
      await button(page, 'Train').click()
      await expectState(page, 'finished', 90_000)
      expect(fetched).toHaveLength(5)
    })
  }
})

test.describe('a browser that refuses Blobs in its database', () => {
  test('keeps shards as bytes from one visit to the next', async ({ page }) => {
    // As WebKit does in private windows. The workers store; no test reaches them but through their scripts.
    await page.route(/(lab|data)\.worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch()
      const refusal = `{
        const put = IDBObjectStore.prototype.put
        IDBObjectStore.prototype.put = function (value, key) {
          if (value instanceof Blob) throw new DOMException('Error preparing Blob/File data', 'UnknownError')
          return put.call(this, value, key)
        }
      }`
      await route.fulfill({ response, body: `${refusal}\n${await response.text()}` })
    })
    const fetched: string[] = []
    page.context().on('request', (request) => {
      if (/\/datasets\/.*\.gz/.test(request.url())) fetched.push(request.url())
    })
    for (let visit = 0; visit < 2; visit++) {
      await page.goto(address({ ...SMALL_RUN, num_epochs: '1' }))
      await button(page, 'Train').click()
      await expectState(page, 'finished', 90_000)
      expect(fetched).toHaveLength(5)
      await expect(page.getByText(/fetched again at every visit/)).toHaveCount(0)
    }
  })
})

test('plain JavaScript, asked for, says what it costs, and trains', async ({ page }) => {
  await page.goto(address({ ...SMALL_RUN, num_epochs: '1', num_train_examples: '128', device: 'cpu' }))
  await expect(page.getByText(/JavaScript/).first()).toBeVisible()
  await button(page, 'Train').click()
  await expectState(page, 'finished', 90_000)
})

test('f16 in a link is refused where the adapter has no 16-bit floats, and stays in the link', async ({
  page,
}) => {
  await page.goto(address({ ...SMALL_RUN, f16: 'on', device: 'webgpu' }))
  await expectState(page, 'failed')
  const alert = page.getByRole('alert').filter({ hasText: 'shader-f16' })
  await expect(alert).toContainText(/f16 needs WebGPU with shader-f16, got .*swiftshader/i)
  await expect(alert).toContainText('?f16=on')
  await unfold(page, 'Data and training')
  await page.locator('[name=num_epochs]').fill('4')
  await page.locator('[name=num_epochs]').blur()
  await expect.poll(() => new URL(page.url()).searchParams.get('num_epochs')).toBe('4')
  expect(new URL(page.url()).searchParams.get('f16')).toBe('on')
  await page.goto(address(SMALL_RUN))
  await expectState(page, 'idle')
})

test('a hidden tab goes on training', async ({ page, context }) => {
  await page.goto(address({ ...SMALL_RUN, num_epochs: '4000' }))
  await button(page, 'Train').click()
  await expectState(page, 'training')
  const front = await context.newPage()
  await front.goto('about:blank')
  await front.bringToFront()
  const progress = page.getByRole('progressbar').first()
  const before = Number(await progress.getAttribute('aria-valuenow'))
  await expect.poll(async () => Number(await progress.getAttribute('aria-valuenow'))).toBeGreaterThan(before)
  await front.close()
  await button(page, 'Stop').click()
  await expectState(page, 'stopped')
})

test('a run that diverges stops with its step and a remedy; the lab stays usable', async ({ page }) => {
  await page.goto(
    address({ ...SMALL_RUN, learning_rate: '10', gradient_clipping: '0', sam_rho: '10', num_epochs: '30' }),
  )
  await button(page, 'Train').click()
  await expectState(page, 'diverged')
  await expect(page.getByRole('status').and(page.locator('[data-state]'))).toHaveText('Both runs diverged')
  await expect(page.getByRole('alert').filter({ hasText: /step \d+/i })).toHaveCount(2)
  // What the numbers came to is short enough to read.
  const ticks = page.locator('.recharts-cartesian-axis-tick-value')
  for (const text of [
    ...(await page.locator('.big-number').allInnerTexts()),
    ...(await ticks.allTextContents()),
  ])
    expect(text.length, text).toBeLessThanOrEqual(9)
  await button(page, 'Reset (same seed)').click()
  // Asked where steps were trained before it diverged.
  const drop = page.getByRole('dialog').getByRole('button', { name: 'Drop it' })
  await expect(drop.or(page.locator('[data-state=idle]'))).toBeVisible()
  if (await drop.isVisible()) await drop.click()
  await expectState(page, 'idle')
})
