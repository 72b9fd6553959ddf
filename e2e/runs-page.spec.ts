/** Kept runs: brought in, over seeds, drawn, compared, renamed, deleted and had back, taken home. */
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { expectAccessible } from './axe'
import { address, button, expect, expectState, SMALL_RUN, test } from './lab'
import { idOf, type MadeUp, runFile } from './runFiles'

const SEEDS = [0, 1, 2, 3, 4]
const HEADERS = [
  ...['Name', 'Changed', 'Status', 'Data', 'Network', 'Method', 'Gradients', 'Test error', 'Best test error'],
  ...['Training error', 'Memorised', 'Gap', 'Width', 'λ₁', 'Date', 'Notes'],
]

const grid = (page: Page) => page.getByRole('grid', { name: 'Kept runs' })
const rows = (page: Page) => grid(page).locator('tbody tr[aria-rowindex]')

async function importRuns(page: Page, all: readonly MadeUp[]): Promise<void> {
  const files = all.map((made) => ({
    name: `${idOf(made)}.zip`,
    mimeType: 'application/zip',
    buffer: runFile(made),
  }))
  await page.getByLabel('Run files').setInputFiles(files)
}

async function openRuns(page: Page): Promise<void> {
  await page.goto('./')
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await expect(page.getByText('No run is kept here yet')).toBeVisible()
}

const both = SEEDS.flatMap((seed) => [
  { seed, rho: 0 },
  { seed, rho: 0.1 },
])

test('five seeds come in and stand as a group with its interval', async ({ page }) => {
  await openRuns(page)
  await importRuns(page, both)
  await expect(page.getByText('10 runs are here now.')).toBeVisible()
  await expect(grid(page).getByRole('columnheader')).toHaveText(HEADERS.map((name) => new RegExp(`^${name}`)))
  await expect(rows(page)).toHaveCount(2)
  const sam = rows(page).filter({ hasText: 'SAM' }).first()
  await expect(sam).toContainText('N = 5')
  await expect(sam).toContainText(/\d+\.\d+ ± \d+\.\d+ %/)

  await page.getByRole('checkbox', { name: 'Pick SGD, 5 runs' }).check()
  await page.getByRole('checkbox', { name: 'Pick SAM, 5 runs' }).check()
  const loss = page.getByRole('figure', { name: /^Training loss/ })
  await expect(loss).toContainText('N = 5')
  // A mean with its band, and every single run behind it.
  await expect(loss.locator('.curve-picked0 path.interval')).toHaveAttribute('d', /^M.*Z$/)
  for (const group of ['picked0', 'picked1']) await expect(loss.locator(`.single-${group}`)).toHaveCount(5)
  await expect(page.getByRole('region', { name: 'Verdict on the picked runs' })).toContainText(
    /SAM’s test error is 14\.94 ± 0\.49 points lower than SGD’s \(95 % interval, N = 5 and 5, seed by seed\), at twice/,
  )
  const table = page.getByRole('table', { name: 'Picked runs side by side' })
  await expect(table.getByRole('row', { name: /^Runs/ }).getByRole('cell')).toHaveText(['5', '5'])
  await expect(
    page.getByRole('figure', { name: /^Test error by SAM radius/ }).locator('path.scatter-picked0'),
  ).toHaveCount(5)

  // A group's numbers are its own, whatever else is picked.
  const alone = await loss.locator('.big-number').first().textContent()
  await page.getByRole('checkbox', { name: 'Pick SAM, 5 runs' }).uncheck()
  await expect(loss.locator('.big-number')).toHaveText([alone!])

  await expectAccessible(page, 'runs over seeds')
})

test('what is picked, how it is grouped and drawn is in the address', async ({ page }) => {
  await openRuns(page)
  await importRuns(page, both.slice(0, 4))
  await page.getByRole('switch', { name: 'Group over seeds' }).uncheck()
  await expect(rows(page)).toHaveCount(4)
  await rows(page).first().getByRole('checkbox').check()
  await page.getByRole('combobox', { name: 'Horizontal axis' }).selectOption('step')
  await expect(page).toHaveURL(/#runs\?picked=made-up-\d+-\d&group=off&axis=step$/)
  const address = page.url()
  await page.goto('about:blank')
  await page.goto(address)
  await expect(rows(page)).toHaveCount(4)
  await expect(rows(page).first().getByRole('checkbox')).toBeChecked()
  await expect(page.getByRole('combobox', { name: 'Horizontal axis' })).toHaveValue('step')
  await expect(
    page.getByRole('figure', { name: /^Training loss/ }).locator('.curve-picked0 path'),
  ).toHaveCount(1)
})

test('exported, deleted and imported again it is the same run; a deletion is undone', async ({ page }) => {
  await openRuns(page)
  await importRuns(page, both.slice(0, 1))
  const download = page.waitForEvent('download')
  await rows(page).first().getByRole('checkbox').check()
  await button(page, 'Export run').click()
  const file = await download
  expect(file.suggestedFilename()).toMatch(/^sgd_mlp_seed0_.*\.zip$/)
  const bytes = await readFile(await file.path())
  expect(bytes.equals(runFile(both[0]))).toBe(true)

  await button(page, 'Delete').click()
  await expect(page.getByText('No run is kept here yet')).toBeVisible()
  await button(page, 'Undo').click()
  await expect(rows(page)).toHaveCount(1)

  await rows(page).first().focus()
  await page.keyboard.press('Delete')
  await expect(page.getByText(/1 run is deleted/)).toBeVisible()
  await page
    .getByLabel('Run files')
    .setInputFiles({ name: 'again.zip', mimeType: 'application/zip', buffer: bytes })
  await expect(rows(page)).toHaveCount(1)
  await expect(button(page, 'Undo')).toHaveCount(0)
  const again = page.waitForEvent('download')
  await rows(page).first().getByRole('checkbox').check()
  await button(page, 'Export run').click()
  expect((await readFile(await (await again).path())).equals(bytes)).toBe(true)

  // A tab that is closed has no undo: then it is gone.
  await button(page, 'Delete').click()
  await expect(page.getByText(/1 run is deleted/)).toBeVisible()
  await page.reload()
  await expect(page.getByText('No run is kept here yet')).toBeVisible()
  const left = await page.evaluate(async () => {
    const open = indexedDB.open('basin-runs')
    await new Promise((done) => {
      open.onsuccess = done
    })
    const names = [...open.result.objectStoreNames]
    const keys = names.map((name) => open.result.transaction(name).objectStore(name).getAllKeys())
    await new Promise((done) => setTimeout(done, 200))
    return keys.flatMap(({ result }) => result)
  })
  expect(left).toEqual([])
})

test('what is written in names and notes is text, and stays; a damaged file changes nothing', async ({
  page,
}) => {
  await openRuns(page)
  const markup = '<img src=x onerror="document.title=1">'
  await importRuns(page, [{ seed: 0, rho: 0.1, changes: { name: markup, notes: markup } }])
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page).first().getByRole('rowheader')).toHaveText(markup)
  await rows(page).first().focus()
  await page.keyboard.press('Space')
  await expect(rows(page).first()).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('F2')
  await page.getByRole('textbox', { name: `Name of ${markup}` }).fill('<b>bold</b>')
  await page.keyboard.press('Enter')
  await expect(rows(page).first().getByRole('rowheader')).toHaveText('<b>bold</b>')
  expect(await page.title()).not.toBe('1')
  expect(await page.locator('main img, main b').count()).toBe(0)

  const bytes = runFile({ seed: 1, rho: 0.1 })
  bytes[bytes.length >> 1] ^= 1
  await page
    .getByLabel('Run files')
    .setInputFiles({ name: 'bent.zip', mimeType: 'application/zip', buffer: bytes })
  await expect(page.getByRole('alert')).toContainText(/bent\.zip: /)
  await expect(rows(page)).toHaveCount(1)
  await page.reload()
  await expect(rows(page).first().getByRole('rowheader')).toHaveText('<b>bold</b>')
})

test('seeds are trained one after the other and stand as a group; a run is opened, and forked', async ({
  page,
}) => {
  test.setTimeout(180_000)
  await page.goto(`${address({ ...SMALL_RUN, num_epochs: '2', runs: '' })}#runs`)
  // The list above it stands.
  await expect(page.getByText('No run is kept here yet')).toBeVisible()
  await page.getByText('More seeds, other settings').click()
  await page.getByRole('textbox', { name: 'Seeds', exact: true }).fill('2')
  await button(page, 'Run 2 seeds').click()
  await expect(page.getByRole('progressbar', { name: 'Queue progress' })).toHaveAttribute(
    'aria-valuenow',
    '2',
    {
      timeout: 120_000,
    },
  )
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page).first()).toContainText('N = 2')
  await expect(page.getByRole('region', { name: 'Verdict on the picked runs' })).toContainText(/N = 2/)

  // Weights, curves and data of a kept run, without training it again.
  await page.getByRole('button', { name: /^Runs of/ }).click()
  await button(page, 'Unpick all').click()
  const seed = rows(page).nth(2)
  const parent = (await seed.getByRole('rowheader').textContent())!
  await seed.getByRole('checkbox').check()
  await button(page, 'Open').click()
  await expectState(page, 'finished')
  await page.getByRole('link', { name: 'Compare', exact: true }).click()
  await expect(page.getByRole('table', { name: 'Runs side by side' })).toContainText(/\d+\.\d %/)

  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await button(page, 'Fork').click()
  const dialog = page.getByRole('dialog', { name: `Fork ${parent}` })
  await dialog.getByRole('combobox', { name: 'Setting 1' }).selectOption('num_epochs')
  await dialog.getByRole('textbox', { name: 'Epochs' }).fill('3')
  await dialog.getByRole('button', { name: 'Fork and train' }).click()
  await expectState(page, 'finished', 60_000)
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await expect(rows(page).filter({ hasText: 'num_epochs 3' })).toContainText(`from ${parent}`)
})

test('a queue that a reload cuts short stands paused, and its run goes on instead of beginning again', async ({
  page,
}) => {
  test.setTimeout(180_000)
  await page.goto(`${address({ ...SMALL_RUN, num_epochs: '150', runs: '' })}#runs`)
  // The list above it stands.
  await expect(page.getByText('No run is kept here yet')).toBeVisible()
  await page.getByText('More seeds, other settings').click()
  await page.getByRole('textbox', { name: 'Seeds', exact: true }).fill('2')
  await button(page, 'Run 2 seeds').click()
  const runs = page.getByRole('progressbar', { name: 'Queue progress' })
  await expect(rows(page).first()).toBeVisible({ timeout: 60_000 })
  await page.reload()
  await button(page, 'Resume queue').click()
  // Both, unless the first had ended before the page was closed.
  const all = (await runs.getAttribute('aria-valuemax'))!
  await expect(runs).toHaveAttribute('aria-valuenow', all, { timeout: 120_000 })
  // One that had begun again would be a third.
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page).first()).toContainText('N = 2')
})
