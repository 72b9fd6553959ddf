/** The basins: turned, read at a place, taken home, shown again from a file and with the run that they are of. */
import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import { address, button, expect, expectState, measureWith, SMALL_RUN, test } from './lab'

const basins = (page: Page) => page.locator('.basins')
const figure = (page: Page) => page.getByRole('figure', { name: /^2-D slice/ })

async function landscapeOfSmallRun(page: Page): Promise<void> {
  await page.goto(address({ ...SMALL_RUN, num_epochs: '1' }))
  await measureWith(page, { num_images: '64', points_2d: '5', points_1d: '9' })
  await button(page, 'Train').click()
  await expectState(page, 'finished', 90_000)
  await page.getByRole('link', { name: 'Landscape' }).click()
  // What is computed at the end by itself is not waited for.
  await expect(button(page, 'Compute 2-D slice')).toBeEnabled({ timeout: 60_000 })
}

async function saved(page: Page, item: string): Promise<Buffer> {
  await page.getByRole('button', { name: /^Table and files: 2-D slice/ }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: item }).click()
  return readFile(await (await download).path())
}

/** Where it is read, as the table's head says. */
const place = (page: Page) =>
  page.getByRole('table', { name: 'At the place pointed at' }).getByRole('columnheader').first()

async function pixels(canvas: Locator): Promise<string> {
  return canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL())
}

test('are seen to come to be while a run trains, a line an epoch', async ({ page }) => {
  await page.goto(address(SMALL_RUN))
  const growing = page.getByRole('figure', { name: /^The basins, epoch by epoch/ })
  await expect(growing).toContainText('Drawn while it trains')
  await button(page, 'Train').click()
  for (const run of ['sgd', 'sam']) {
    await expect(growing.locator(`.curve-${run} path`).first()).toHaveAttribute('d', /^M.*L/)
  }
  await expectState(page, 'finished')
  await expect(growing).toContainText(/On 64 training images; .*[\d.]+ % of the time/)
  await expect(growing.getByRole('listitem').first()).toHaveText(/SGD, epoch [12]/)
  await growing.getByRole('button', { name: /^Table and files/ }).click()
  await page.getByRole('menuitem', { name: 'Show as table' }).click()
  await expect(growing.getByRole('row')).toHaveCount(12)
  await expect(growing.getByRole('row').nth(6)).toHaveText(/^0\.00\s*\d/)
})

test('are turned, read, kept between pages, and taken home as files', async ({ page }) => {
  await landscapeOfSmallRun(page)
  await button(page, 'Compute 2-D slice').click()
  await expect(button(page, 'Compute 2-D slice')).toBeEnabled({ timeout: 60_000 })
  const canvas = basins(page).locator('canvas')
  await expect(canvas).toBeVisible()
  await expect(place(page)).toHaveText('x = 0.00, y = 0.00')
  const table = page.getByRole('table', { name: 'At the place pointed at' })
  for (const run of ['SGD', 'SAM']) await expect(table.getByRole('row', { name: run })).toContainText('%')

  const before = await pixels(canvas)
  await basins(page).focus()
  await page.keyboard.press('ArrowLeft')
  await expect.poll(() => pixels(canvas)).not.toBe(before)
  await page.keyboard.press('Shift+ArrowRight')
  await expect(place(page)).toHaveText('x = 0.05, y = 0.00')

  await page.getByText('Contours', { exact: true }).click()
  await page.getByText('Loss', { exact: true }).click()
  await page.keyboard.press('Tab')
  await basins(page).focus()
  await page.keyboard.press('ArrowUp')
  await expect(place(page)).toHaveText('x = 0.05, y = 0.05')
  await page.getByRole('link', { name: 'Compare' }).click()
  await page.getByRole('link', { name: 'Landscape' }).click()
  await expect(page.locator('.basins[data-view=contours]')).toBeVisible()
  await expect(place(page)).toHaveText('x = 0.05, y = 0.05')

  const svg = (await saved(page, 'Save SVG')).toString()
  expect(svg).toContain('The basins: loss on a plane through the weights')
  for (const word of ['SGD', 'SAM', 'loss']) expect(svg).toContain(`>${word}<`)
  expect((await saved(page, 'Save PNG')).subarray(1, 4).toString()).toBe('PNG')
  const npz = await saved(page, 'Save .npz')
  for (const name of ['sgd/loss', 'sam/error', 'sam/d1', 'metadata.json'])
    expect(npz.includes(`${name}.npy`)).toBe(true)
  expect(npz.toString('latin1')).toMatch(/"parameters_sha256":"[0-9a-f]{64}"/)
  expect((await saved(page, 'Save .vtp (ParaView)')).subarray(0, 2).toString()).toBe('PK')
  expect((await saved(page, 'Save .stl (3-D printer)')).includes('basin_2-d_slice_sam.stl')).toBe(true)

  // On paper it is light, also where the page is dark.
  await page.emulateMedia({ colorScheme: 'dark', media: 'screen' })
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light')
  await page.emulateMedia({ colorScheme: 'light', media: 'screen' })

  // Dropped on a page that knows nothing of these runs.
  await page.goto('about:blank')
  await page.goto(`${address()}#landscape`)
  const files = [{ name: 'surface.npz', mimeType: 'application/octet-stream', buffer: npz }]
  await page.getByLabel('Measure files').setInputFiles(files)
  await expect(page.getByText('Shown from files: SGD, SAM.')).toBeVisible()
  await expect(canvas).toBeVisible()
  await expect(figure(page)).toContainText('5 × 5')
})

test('what was measured of a run stands there when it is opened', async ({ page }) => {
  await landscapeOfSmallRun(page)
  await button(page, 'Compute 1-D slice').click()
  await expect(button(page, 'Compute 1-D slice')).toBeEnabled({ timeout: 60_000 })
  const line = page.getByRole('figure', { name: /^1-D slice: loss/ })
  const curve = line.locator('.curve-sam path').first()
  await expect(curve).toBeVisible()
  const drawn = await curve.getAttribute('d')

  await page.reload()
  await expectState(page, 'idle')
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  const grid = page.getByRole('grid', { name: 'Kept runs' })
  const rows = grid.locator('tbody tr[aria-rowindex]')
  await expect(rows).toHaveCount(2)
  for (const row of await rows.all()) await row.getByRole('checkbox').check()
  // Its width is in the list, without its being opened.
  const heads = await grid.getByRole('columnheader').allInnerTexts()
  const width = heads.findIndex((name) => name.startsWith('Width'))
  await expect(rows.first().getByRole('gridcell').nth(width)).toHaveText(/\d/)
  await button(page, 'Open').click()
  await expectState(page, 'finished')
  await expect(curve).toHaveAttribute('d', drawn!)
  await expect(line.locator('.curve-sgd path').first()).toBeVisible()
})
