/** Kernels timed before they are used first (`?tune=on`): the page says so, and takes Pause and Stop meanwhile. */
import { address, button, expect, expectState, SMALL_RUN, test } from './lab'

const TIMED = {
  ...SMALL_RUN,
  model_name: 'cnn_small',
  cnn_channels: '8,16',
  cnn_dense: '16',
  tune: 'on',
  device: 'webgpu',
}

test('a person sees kernels being timed, pauses, goes on and stops', async ({ page }) => {
  test.setTimeout(180_000)
  await page.goto(address({ ...TIMED, num_epochs: '400' }))
  await button(page, 'Train').click()
  const timing = page.getByText(/timing kernels \d+ of \d+/)
  await expect(timing).toBeVisible({ timeout: 60_000 })
  await expectState(page, 'training')

  await button(page, 'Pause').click()
  await expectState(page, 'paused')
  await expect(timing).toBeHidden()
  const progress = page.getByRole('progressbar').first()

  await button(page, 'Resume').click()
  await expectState(page, 'training')
  await expect.poll(async () => Number(await progress.getAttribute('aria-valuenow'))).toBeGreaterThan(0)
  await button(page, 'Stop').click()
  await expectState(page, 'stopped')

  // What was not timed yet is timed at the next start; this time it is stopped.
  await page.goto(address({ ...TIMED, cnn_channels: '8,24', num_epochs: '400' }))
  await button(page, 'Train').click()
  await expect(timing).toBeVisible({ timeout: 60_000 })
  await button(page, 'Stop').click()
  await expectState(page, 'stopped')
  await expect(timing).toBeHidden()
})
