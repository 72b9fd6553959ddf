/** The first visit: Train → curves of both runs grow → pause, resume → finish → slices → export → import. */
import { readFile } from 'node:fs/promises'
import { address, button, expect, expectState, SMALL_RUN, test } from './lab'

test.use({ newBrowser: true })

test('a person trains, pauses, finishes, walks the landscape and takes the weights home', async ({
  page,
}) => {
  test.setTimeout(240_000)
  await page.goto(address({ ...SMALL_RUN, num_epochs: '150' }))
  await expectState(page, 'idle')
  await button(page, 'Train').click()
  await expectState(page, 'training')

  const loss = page.getByRole('figure', { name: /training loss/i })
  await expect(loss).toBeVisible()
  // A chart is first drawn where somebody sees it.
  await loss.scrollIntoViewIfNeeded()
  // Both runs draw: one line each, beside the faint raw one.
  await expect.poll(() => curveLength(loss, 'sgd')).toBeGreaterThan(1)
  await expect.poll(() => curveLength(loss, 'sam')).toBeGreaterThan(1)

  await button(page, 'Pause').click()
  await expectState(page, 'paused')
  const progress = page.getByRole('progressbar').first()
  const held = await progress.getAttribute('aria-valuenow')
  expect(Number(held)).toBeGreaterThan(0)
  // Longer than several messages of a run that was not paused.
  await page.waitForTimeout(700)
  expect(await progress.getAttribute('aria-valuenow')).toBe(held)

  await button(page, 'Step').click()
  await expectState(page, 'paused')
  await expect
    .poll(async () => Number(await progress.getAttribute('aria-valuenow')))
    .toBeGreaterThan(Number(held))

  await button(page, 'Resume').click()
  await expectState(page, 'training')
  await expectState(page, 'finished', 120_000)

  // What took a while to train is not dropped by one more click on the button that started it.
  await button(page, 'Train').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click()
  await expectState(page, 'finished')

  await page
    .getByRole('tab', { name: 'Landscape' })
    .or(page.getByRole('link', { name: 'Landscape' }))
    .click()
  await page.locator('[name=num_images]').fill('128')
  await page.locator('[name=points_2d]').fill('5')
  await page.locator('[name=points_1d]').fill('9')
  await button(page, 'Compute 1-D slice').click()
  const line = page.getByRole('figure', { name: /1-D slice/i }).first()
  await expect.poll(() => curveLength(line, 'sgd')).toBeGreaterThan(1)
  await expect.poll(() => curveLength(line, 'sam')).toBeGreaterThan(1)
  await expect(button(page, 'Compute 2-D slice')).toBeEnabled()
  await button(page, 'Compute 2-D slice').click()
  await expect(page.locator('.basins canvas').first()).toBeVisible()
  await expect(button(page, 'Compute 2-D slice')).toBeEnabled({ timeout: 60_000 })

  await page
    .getByRole('tab', { name: 'Compare' })
    .or(page.getByRole('link', { name: 'Compare' }))
    .click()
  await expect(page.getByRole('row', { name: /test error/i }).first()).toContainText('%')

  await page
    .getByRole('tab', { name: 'Train' })
    .or(page.getByRole('link', { name: 'Train' }))
    .click()
  await button(page, 'Export weights').click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /SAM.*safetensors/i }).click()
  const file = await (await download).path()
  const bytes = await readFile(file)
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString())
  expect(header['Dense_0/kernel'].shape).toEqual([784, 32])
  expect(JSON.parse(header.__metadata__.run_config).sam_rho).toBe(0.2)

  const imported = {
    name: (await download).suggestedFilename(),
    mimeType: 'application/octet-stream',
    buffer: bytes,
  }
  await page.locator('input[type=file]').first().setInputFiles(imported)
  await expectState(page, 'paused')

  // A damaged file is named and changes nothing.
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({
      ...imported,
      name: 'damaged.safetensors',
      buffer: bytes.subarray(0, bytes.length - 100),
    })
  await expect(
    page.getByRole('alert').filter({ hasText: /damaged\.safetensors|Dense_|truncated|end/i }),
  ).toBeVisible()
  await expectState(page, 'paused')
})

/** Points of a run's smoothed curve: commands of the path of the line marked with the run's id. */
async function curveLength(figure: import('@playwright/test').Locator, run: 'sgd' | 'sam'): Promise<number> {
  const path = figure.locator(`.curve-${run} path`).first()
  const d = (await path.count()) > 0 ? await path.getAttribute('d') : ''
  return (d ?? '').split(/[MLC]/).length - 1
}
