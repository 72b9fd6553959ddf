/** The Profile switch: a step's kernels in a table, while the run is paused for it and goes on. */
import { expectAccessible } from './axe'
import { address, button, expect, expectState, SMALL_RUN, test } from './lab'

test('a person sees where a step’s time goes, and training goes on', async ({ page }) => {
  test.setTimeout(180_000)
  await page.goto(address({ ...SMALL_RUN, num_epochs: '4000', device: 'webgpu' }))
  await expectState(page, 'idle')
  await page.getByRole('switch', { name: 'Profile' }).click()
  await expect(button(page, 'Profile one step')).toBeDisabled()
  await button(page, 'Train').click()
  await expectState(page, 'training')
  await button(page, 'Profile one step').click()
  const table = page.getByRole('table', { name: 'Kernels of one step' })
  await expect(table).toBeVisible({ timeout: 120_000 })
  await expectState(page, 'training')
  await expect(button(page, 'Profile one step')).toBeEnabled()
  // Products are among the kernels, and their rate is known.
  const product = table.getByRole('row').filter({ hasText: /%.*%/ }).first()
  await expect(product).toBeVisible()
  await button(page, 'Pause').click()
  await expectState(page, 'paused')
  await expectAccessible(page, 'a profile', { part: '.profile' })
})
