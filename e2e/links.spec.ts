/** Links: every value that is not the default is in the address, and the address opens to the same form. */
import { address, expect, expectState, test } from './lab'

test('a link opens to the same form, and a change is written to the link', async ({ page }) => {
  await page.goto(address({ sam_rho: '0.05', num_epochs: '3', model_name: 'cnn_small' }))
  await expectState(page, 'idle')
  await expect(page.locator('[name=num_epochs]')).toHaveValue('3')
  await page.locator('[name=num_epochs]').fill('4')
  await page.locator('[name=num_epochs]').blur()
  await expect.poll(() => new URL(page.url()).searchParams.get('num_epochs')).toBe('4')
  expect(new URL(page.url()).searchParams.get('sam_rho')).toBe('0.05')
  expect(new URL(page.url()).searchParams.get('model_name')).toBe('cnn_small')
  expect(new URL(page.url()).searchParams.get('batch_size')).toBeNull()
})

test('a tampered value gives a message and the default, never a crash', async ({ page }) => {
  await page.goto(address({ batch_size: '-5', num_epochs: 'many', model_name: '<img src=x>', nonsense: '1' }))
  await expectState(page, 'idle')
  await expect(page.getByText(/batch_size/).first()).toBeVisible()
  await expect(page.locator('[name=batch_size]')).toHaveValue('64')
  await expect(page.locator('[name=num_epochs]')).toHaveValue('30')
})
