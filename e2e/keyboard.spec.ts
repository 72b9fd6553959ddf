/** By keyboard alone: from the first visit to a run of other settings, its basins and its weights on the disk. */
import type { Page } from '@playwright/test'
import { address, expect, expectState, SMALL_RUN, test } from './lab'

/** Presses Tab until the focus is on what has this role and name. */
async function tabTo(page: Page, role: 'button' | 'link' | 'textbox', name: string): Promise<void> {
  const wanted = page.getByRole(role, { name, exact: true })
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press('Tab')
    const there = await wanted.evaluateAll((found) => found.includes(document.activeElement as HTMLElement))
    if (there) return
  }
  throw new Error(`Tab never reached the ${role} “${name}”`)
}

test('from the first visit to exported weights by keys alone', async ({ page }) => {
  test.setTimeout(180_000)
  await page.goto(address({ ...SMALL_RUN, num_epochs: '8' }))
  await expectState(page, 'idle')
  // Past the header.
  await page.keyboard.press('Tab')
  await expect(page.getByText('Skip to the laboratory')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('main')).toBeFocused()

  // A setting that is folded.
  await tabTo(page, 'button', 'Data and training')
  await page.keyboard.press('Enter')
  await tabTo(page, 'textbox', 'Epochs')
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('2')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/num_epochs=2\b/)
  // Its help, and back.
  await tabTo(page, 'button', 'Help: Epochs')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Passes over the training images').last()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Help: Epochs' })).toBeFocused()

  await tabTo(page, 'button', 'Train')
  await page.keyboard.press('Enter')
  await expectState(page, 'finished')
  await tabTo(page, 'button', 'Show the basins')
  await page.keyboard.press('Enter')
  await expect(page.locator('#basins-title')).toBeInViewport()

  await tabTo(page, 'button', 'Export weights')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'SGD · safetensors' })).toBeFocused()
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('menuitem', { name: 'SGD · .npz' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Export weights' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'SGD · safetensors' })).toBeFocused()
  const download = page.waitForEvent('download')
  await page.keyboard.press('Enter')
  expect((await download).suggestedFilename()).toMatch(/sgd.*\.safetensors$/i)
})
