/** Picked runs that differ in two settings, as maps over both. */
import { expect, test } from './lab'
import { runFile } from './runFiles'

const RADII = [0, 0.05, 0.1, 0.2]
const BATCHES = [16, 64, 256]

test('runs over ρ and batch size are maps of their error, λ₁ and trace', async ({ page }) => {
  const files = RADII.flatMap((rho, i) =>
    BATCHES.map((batch_size, j) => {
      // The made-up runs are told apart by their seeds; these are of one.
      const seed = 10 * i + j
      const measured = { lambda1: 60 - 100 * rho + batch_size / 8, trace: 900 - 1500 * rho + batch_size }
      const bytes = runFile({ seed, rho, config: { batch_size, run_seed: 0 }, changes: { measured } })
      return { name: `${seed}.zip`, mimeType: 'application/zip', buffer: bytes }
    }),
  )
  await page.goto('./#runs')
  await page.getByLabel('Run files').setInputFiles(files)
  await expect(page.getByText('12 runs are here now.')).toBeVisible()
  await page.getByRole('checkbox', { name: 'Pick all' }).check()

  const maps = page.getByRole('region', { name: 'Over two settings' }).getByRole('figure')
  await expect(maps).toHaveCount(3)
  const lambda1 = maps.filter({ hasText: 'λ₁ over SAM radius ρ and Batch size' })
  await expect(lambda1.locator('svg.phase rect')).toHaveCount(12)
  // Large batches stand above: the first row of cells drawn is the lowest.
  await expect(lambda1.locator('svg.phase')).toContainText('62.0')
  await lambda1.getByRole('button', { name: /^Table and files/ }).click()
  await lambda1.getByRole('menuitem', { name: 'Show as table' }).click()
  await expect(lambda1.getByRole('row').nth(1)).toHaveText(/^16\s*62.0\s*57.0\s*52.0\s*42.0$/)
  if (process.env.PHASE_PICTURE) await page.screenshot({ path: process.env.PHASE_PICTURE, fullPage: true })

  await page.getByRole('checkbox', { name: 'Pick all' }).uncheck()
  await expect(maps).toHaveCount(0)
})
