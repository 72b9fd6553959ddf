/** Any list of runs: set up in the form by mouse and by keyboard, by a link, trained, looked at, compared, taken home. */
import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import { expectAccessible } from './axe'
import { address, button, expect, expectState, measureWith, SMALL_RUN, test } from './lab'

const THREE = 'sam_rho:0;sam_rho:0.05;sam_rho:0.2'

const runsOfAddress = (page: Page) => new URL(page.url()).searchParams.get('runs')
const list = (page: Page) => page.getByRole('group', { name: 'Runs' })
const names = (page: Page) =>
  list(page)
    .getByRole('textbox', { name: /^Name of run/ })
    .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value))

async function go(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).click()
}

/** Points of a run's curve: commands of the path of the line marked with the run's key. */
async function curveLength(figure: Locator, run: string): Promise<number> {
  const path = figure.locator(`.curve-${run} path`).first()
  const d = (await path.count()) > 0 ? await path.getAttribute('d') : ''
  return (d ?? '').split(/[MLC]/).length - 1
}

async function downloaded(page: Page, click: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const download = page.waitForEvent('download')
  await click()
  const file = await download
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) }
}

test('three runs of a link are trained, walked around, compared and taken home', async ({ page }) => {
  test.setTimeout(240_000)
  await page.goto(address({ ...SMALL_RUN, num_epochs: '4', runs: THREE }))
  await expectState(page, 'idle')
  await measureWith(page, { num_images: '64', points_1d: '9', points_2d: '5' })
  expect(await names(page)).toEqual(['SGD', 'SAM 0.05', 'SAM 0.2'])
  await expect(page.getByText(/These 3 runs: 32 steps each, 160 gradient evaluations/)).toBeVisible()
  await button(page, 'Train').click()
  await expectState(page, 'finished', 120_000)

  const loss = page.getByRole('figure', { name: /training loss/i })
  for (const run of ['sgd', 'sam', 'sam2']) await expect.poll(() => curveLength(loss, run)).toBeGreaterThan(1)
  await expect(page.getByRole('progressbar', { name: /progress$/ })).toHaveCount(3)
  await expect(page.getByRole('progressbar', { name: 'SAM 0.2 progress' })).toHaveAttribute(
    'aria-valuenow',
    '32',
  )
  const verdict = page.getByRole('region', { name: 'Verdict' })
  await expect(verdict).toContainText(/32 gradient evaluations for SGD, 64 for SAM 0\.05 and SAM 0\.2\./)
  await expect(verdict).toContainText(/One seed, and the best of 3/)

  const metrics = await downloaded(page, () => button(page, 'Metrics as CSV').click())
  const [header, ...rows] = metrics.bytes.toString().trim().split('\n')
  expect(header).toMatch(/^run,label,step,/)
  expect(rows.filter((row) => row.startsWith('sam2,SAM 0.2,'))).toHaveLength(32)
  await button(page, 'Export weights').click()
  const weights = await downloaded(page, () =>
    page.getByRole('menuitem', { name: 'SAM 0.05 · safetensors', exact: true }).click(),
  )
  const length = Number(weights.bytes.readBigUInt64LE(0))
  const stored = JSON.parse(weights.bytes.subarray(8, 8 + length).toString())
  expect(stored.__metadata__.step).toBe('32')
  expect(weights.bytes.subarray(0, 8 + length).toString()).toContain('sam_rho:0.05')

  await go(page, 'Landscape')
  await expect(button(page, 'Compute 1-D slice')).toBeEnabled({ timeout: 60_000 })
  await button(page, 'Compute 1-D slice').click()
  const line = page.getByRole('figure', { name: /1-D slice: loss/ })
  for (const run of ['sgd', 'sam', 'sam2']) await expect.poll(() => curveLength(line, run)).toBeGreaterThan(1)
  await expect(button(page, 'Compute interpolation')).toBeEnabled({ timeout: 60_000 })
  await button(page, 'Compute interpolation').click()
  await expect(page.getByText('t = 0 is SGD, t = 1 is SAM 0.2').first()).toBeVisible()
  await expect(page.locator('.curve-path path').first()).toBeVisible()
  await page.getByLabel('to', { exact: true }).selectOption('SAM 0.05')
  await expect(button(page, 'Compute interpolation')).toBeEnabled({ timeout: 60_000 })
  await button(page, 'Compute interpolation').click()
  await expect(page.getByText('t = 0 is SGD, t = 1 is SAM 0.05').first()).toBeVisible()
  await expect(button(page, 'Compute 2-D slice')).toBeEnabled({ timeout: 60_000 })
  await button(page, 'Compute 2-D slice').click()
  const basins = page.getByRole('img', { name: /^Loss around the minima: SGD .*; SAM 0\.05 .*; SAM 0\.2 / })
  await expect(basins.locator('.basins canvas')).toBeVisible({ timeout: 60_000 })

  await go(page, 'Compare')
  const table = page.getByRole('table', { name: 'Runs side by side' })
  await expect(table.getByRole('columnheader')).toHaveText(['SGD', 'SAM 0.05', 'SAM 0.2'].map(trimmed))
  await expect(table.getByRole('row', { name: /^SAM radius ρ/ }).getByRole('cell')).toHaveText([
    '0',
    '0.05',
    '0.2',
  ])
  await expect(table.getByRole('row', { name: /^Test error/ }).getByRole('cell')).toHaveText([
    /%$/,
    /%$/,
    /%$/,
  ])
  await expect(
    page.getByText('They differ in one setting: sam_rho = 0 for SGD, 0.05 for SAM 0.05'),
  ).toBeVisible()
  await page.setViewportSize({ width: 390, height: 844 })
  const sticksOut = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(await sticksOut()).toBeLessThanOrEqual(0)
})

const trimmed = (text: string) => new RegExp(`^\\s*${text.replace('.', '\\.')}\\s*$`)

test('the list is edited by mouse, and the address follows', async ({ page }) => {
  await page.goto(address(SMALL_RUN))
  await expectState(page, 'idle')
  expect(await names(page)).toEqual(['SGD', 'SAM'])
  await button(page, 'Add a run').click()
  await expect.poll(() => runsOfAddress(page)).toBe('sam_rho:0;;sam_rho:0.5')
  expect(await names(page)).toEqual(['SGD', 'SAM 0.2', 'SAM 0.5'])

  // A setting of its own, held to the rule of the setting.
  await button(page, 'Settings of SAM 0.5').click()
  await page.getByRole('combobox', { name: 'Another setting for SAM 0.5' }).selectOption('learning_rate')
  const rate = page.getByRole('textbox', { name: 'Learning rate of SAM 0.5' })
  await expect(rate).toBeFocused()
  await rate.fill('11')
  await rate.press('Enter')
  await expect(list(page).getByText('0 to 10, please')).toBeVisible()
  expect(runsOfAddress(page)).toBe('sam_rho:0;;sam_rho:0.5')
  await rate.fill('0.05')
  await rate.press('Enter')
  await expect.poll(() => runsOfAddress(page)).toBe('sam_rho:0;;sam_rho:0.5,learning_rate:0.05')
  await expect(list(page).getByText('ρ 0.5, learning rate 0.05')).toBeVisible()

  await page.getByRole('textbox', { name: 'Name of run 3' }).fill('Fast; far')
  await page.getByRole('textbox', { name: 'Name of run 3' }).press('Enter')
  await expect.poll(() => runsOfAddress(page)).toBe('sam_rho:0;;Fast%3B far=sam_rho:0.5,learning_rate:0.05')
  await button(page, 'Move Fast; far up').click()
  await expect.poll(() => names(page)).toEqual(['SGD', 'Fast; far', 'SAM 0.2'])

  // A copy asks for the same numbers until it is changed.
  await button(page, 'Duplicate').click()
  await expect(list(page).getByText('the same as Fast; far: trained once')).toBeVisible()
  await button(page, 'Remove SGD').click()
  await expect.poll(() => names(page).then(({ length }) => length)).toBe(3)
  const link = page.url()
  const before = await names(page)
  await page.goto(link)
  await expectState(page, 'idle')
  expect(await names(page)).toEqual(before)
})

test('the list is edited by keyboard alone, up to eight runs', async ({ page }) => {
  await page.goto(address(SMALL_RUN))
  await expectState(page, 'idle')
  const add = button(page, 'Add a run')
  await add.focus()
  await page.keyboard.press('Enter')
  // The new run has the focus.
  await expect(button(page, 'Settings of SAM 0.5')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(button(page, 'Settings of SAM 0.5')).toHaveAttribute('aria-expanded', 'true')
  await button(page, 'Move SAM 0.5 up').focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => names(page)).toEqual(['SGD', 'SAM 0.5', 'SAM 0.2'])
  await expect(button(page, 'Move SAM 0.5 up')).toBeFocused()
  await button(page, 'Remove SAM 0.5').focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => names(page)).toEqual(['SGD', 'SAM'])
  await expect(button(page, 'Remove SGD')).toBeFocused()
  for (let runs = 2; runs < 8; runs++) {
    await add.focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => names(page).then(({ length }) => length)).toBe(runs + 1)
  }
  await expect(add).toBeDisabled()
  await expect(page.getByText('8 runs are the most.')).toBeVisible()
  await expectAccessible(page, 'eight runs', { part: '.run-group' })
})

test('the radius of the form is that of the runs without one; at 0 they are one run', async ({ page }) => {
  await page.goto(address({ ...SMALL_RUN, sam_rho: '0.05' }))
  await expectState(page, 'idle')
  await expect(list(page).getByText('as set here: ρ 0.05')).toBeVisible()
  const radius = page.locator('[name=sam_rho]')
  await radius.fill('0')
  await radius.blur()
  await expect(list(page).getByText('the same as SGD: trained once')).toBeVisible()
  await expect(page.getByText(/This run: 16 steps, 16 gradient evaluations/)).toBeVisible()
})

test('a change of the list asks before it drops what was trained; a spelling of the same runs does not', async ({
  page,
}) => {
  await page.goto(address({ ...SMALL_RUN, num_epochs: '1' }))
  await button(page, 'Train').click()
  await expectState(page, 'finished', 90_000)
  await button(page, 'Remove SGD').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click()
  await expectState(page, 'finished')
  expect(await names(page)).toEqual(['SGD', 'SAM'])
  await button(page, 'Settings of SAM').click()
  await button(page, 'Duplicate').click()
  await expect(list(page).getByText('the same as SAM: trained once')).toBeVisible()
  await expectState(page, 'finished')
  await button(page, 'Remove SGD').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Change' }).click()
  await expectState(page, 'idle')
})

test('an old link with compare= opens to the runs it meant', async ({ page }) => {
  await page.goto(address({ ...SMALL_RUN, compare: 'false' }))
  await expectState(page, 'idle')
  expect(await names(page)).toEqual(['SAM'])
  await page.goto(address({ ...SMALL_RUN, compare: 'true' }))
  await expectState(page, 'idle')
  expect(await names(page)).toEqual(['SGD', 'SAM'])
})
