/** Links: every value that is not the default is in the address, and the address opens to the same form. */
import { address, button, expect, expectState, measureWith, SMALL_RUN, test, unfold } from './lab'

test('a link opens to the same form, and a change is written to the link', async ({ page }) => {
  await page.goto(address({ sam_rho: '0.05', num_epochs: '3', model_name: 'cnn_small' }))
  await expectState(page, 'idle')
  await unfold(page, 'Data and training')
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
  await unfold(page, 'Data and training')
  await expect(page.locator('[name=batch_size]')).toHaveValue('64')
  await expect(page.locator('[name=num_epochs]')).toHaveValue('30')
})

test('Back and Forward undo and redo a setting, between pages too; the address is what the form shows', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const epochs = page.locator('[name=num_epochs]')
  await page.goto(address({ ...SMALL_RUN, num_epochs: '1' }))
  await expectState(page, 'idle')
  await page.getByRole('navigation').getByText('Data').click()
  await page.getByRole('navigation').getByText('Train').click()
  await unfold(page, 'Data and training')
  await epochs.fill('2')
  await epochs.blur()
  await epochs.fill('5')
  await epochs.blur()
  await expect(page).toHaveURL(/num_epochs=5/)
  await page.goBack()
  await expect(epochs).toHaveValue('2')
  await page.goBack()
  await expect(epochs).toHaveValue('1')
  await page.goForward()
  await expect(epochs).toHaveValue('2')
  await button(page, 'Copy link').click()
  await expect(page.getByText('Copied')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url())

  // What was trained is not dropped by it without a question.
  await button(page, 'Train').click()
  await expectState(page, 'finished')
  await page.goBack()
  await expect(page.getByRole('dialog')).toContainText('“Epochs” from 2 to 1')
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click()
  await expect(epochs).toHaveValue('2')
  await expect(page).toHaveURL(/num_epochs=2/)
  await expectState(page, 'finished')
})

test('a field that is emptied shows what that means', async ({ page }) => {
  await page.goto(address())
  await expectState(page, 'idle')
  const epochs = page.locator('[name=num_epochs]')
  await unfold(page, 'Data and training')
  for (const typed of ['30', '7']) {
    await epochs.fill(typed)
    await epochs.blur()
    await epochs.fill('')
    await epochs.blur()
    await expect(epochs).toHaveValue('30')
  }
  // Where nothing is a value of its own, nothing stays.
  const images = page.locator('[name=num_train_examples]')
  await images.fill('')
  await images.blur()
  await expect(images).toHaveValue('')
})

test('what is wrong with a setting is said once, beside it, and Train leads there', async ({ page }) => {
  await page.goto(address({ ...SMALL_RUN, batch_size: '600' }))
  await expectState(page, 'idle')
  const rule = page.getByText('At most “Training images” (512), got 600.')
  await expect(rule).toBeVisible()
  await button(page, 'Train').click()
  await expect(page.locator('[name=batch_size]')).toBeFocused()
  await expect(rule).toHaveCount(1)
  await expect(page.getByRole('alert')).toHaveCount(0)
  await expectState(page, 'idle')

  // Data that are not here offer their way in.
  await page.goto(address({ ...SMALL_RUN, dataset: 'cifar10' }))
  await unfold(page, 'Data and training')
  await expect(page.getByText('Not here yet.')).toBeVisible()
  await button(page, 'Data and training').click()
  await expect(page.locator('[name=dataset]')).toBeHidden()
  await button(page, 'Train').click()
  await expect(page.locator('[name=dataset]')).toBeFocused()
  await page.getByRole('link', { name: 'Import it on the Data page' }).click()
  await expect(page).toHaveURL(/#data$/)
})

test.describe('pointing at a chart', () => {
  test.use({ hasTouch: true, newBrowser: true })

  test('reads the point under the mouse at its first event, and under a finger', async ({ page }) => {
    await page.goto(address(SMALL_RUN))
    await measureWith(page, { num_images: '64', points_1d: '5', points_2d: '5' })
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
    // Slices are computed at the end of a run, and what they say moves the page.
    await expect(button(page, 'Compute 2-D slice')).toBeEnabled({ timeout: 60_000 })
    const section = page.getByRole('region', { name: 'Curves' })
    const curves = section.locator('.line-chart')
    const chart = curves.first()
    // Those out of sight are drawn one after the other.
    await section.scrollIntoViewIfNeeded()
    await expect(curves).toHaveCount(await section.getByRole('figure').count())
    await chart.scrollIntoViewIfNeeded()
    const { x, y, width, height } = (await chart.boundingBox())!
    const reading = chart.locator('.point-reading')
    const epoch = async () => Number.parseFloat((await reading.innerText()).split(' ')[0])
    // The page has moved below the mouse.
    await page.mouse.move(0, 0)
    await expect(reading).toHaveCount(0)
    await page.mouse.move(x + width - 20, y + height / 2)
    await expect(reading).toContainText(/SGD: \d/)
    expect(await epoch()).toBeGreaterThan(1.7)
    // All charts over the same axis say what stands there, and of both runs.
    const others = page.locator('.line-chart .point-reading')
    await expect(others).toHaveCount(await curves.count())
    await expect(others.nth(1)).toContainText(/SGD: .*\n?SAM: /)
    await page.mouse.move(x + width / 2, y - 100)
    await expect(others).toHaveCount(0)
    // By keys: from the end of the axis, a point at a time.
    await chart.focus()
    await page.keyboard.press('ArrowLeft')
    await expect(reading).toContainText(/SAM: \d/)
    const end = await epoch()
    await page.keyboard.press('PageDown')
    await expect.poll(epoch).toBeLessThan(end)
    await page.keyboard.press('Escape')
    await expect(others).toHaveCount(0)
    // A stretch drawn over is what all curves then show; a double click shows all again.
    await page.mouse.move(x + width / 2, y + height / 2)
    await page.mouse.down()
    await page.mouse.move(x + width - 30, y + height / 2, { steps: 3 })
    await page.mouse.up()
    await expect(button(page, 'All of it')).toBeVisible()
    await page.mouse.move(x + 60, y + height / 2)
    await expect.poll(epoch).toBeGreaterThan(0.8)
    await page.mouse.dblclick(x + width / 2, y + height / 2)
    await expect(button(page, 'All of it')).toHaveCount(0)
    await page.mouse.move(x + width / 2, y - 100)
    await page.touchscreen.tap(x + 60, y + height / 2)
    await expect(reading).toContainText(/SAM: \d/)
    // The charts take turns to show all of it again.
    await expect.poll(epoch).toBeLessThan(0.5)
    await page.touchscreen.tap(x + width - 20, y + height / 2)
    await expect.poll(epoch).toBeGreaterThan(1.7)
    await page.touchscreen.tap(x + width / 2, y - 20)
    await expect(reading).toHaveCount(0)
  })
})
