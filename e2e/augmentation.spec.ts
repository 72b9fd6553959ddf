import { address, button, expect, expectState, SMALL_RUN, test } from './lab'

test('augmented batches come from threads of their own, and the form shows what applies', async ({
  page,
}) => {
  const workers: string[] = []
  page.on('worker', (worker) => workers.push(worker.url()))
  await page.goto(address({ ...SMALL_RUN, scale_translations: 'true', num_epochs: '500' }))
  await button(page, 'Augmentation').click()
  const field = (name: string) => page.locator(`[name="${name}"]`)
  await expect(field('autoaugment_policy')).toHaveCount(0)
  await field('image_level_augmentations').selectOption('autoaugment')
  await field('autoaugment_policy').selectOption('randaugment')
  await expect(field('randaug_magnitude')).toBeVisible()
  await expect(field('cutout_length')).toHaveCount(0)
  await field('batch_level_augmentations').selectOption('mixcut')
  await expect(field('cutout_length')).toBeVisible()
  await expect(page).toHaveURL(/image_level_augmentations=autoaugment/)
  await button(page, 'Train').click()
  await expect(page.getByText('% waiting for data')).toBeVisible()
  expect(workers.some((url) => url.includes('batch.worker'))).toBe(true)
  await button(page, 'Stop').click()
  await expectState(page, 'stopped')
})

test('images that a policy wipes out are worth a sentence', async ({ page }) => {
  await page.goto(address({ ...SMALL_RUN, image_level_augmentations: 'aa-only' }))
  await button(page, 'Train').click()
  await expect(page.getByText(/28 × 28 images become plain grey/)).toBeVisible()
})
