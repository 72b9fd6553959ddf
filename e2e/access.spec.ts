/** axe (WCAG 2.2 AA) finds nothing in any state, light and dark; the keyboard reaches the controls. */
import type { Page } from '@playwright/test'
import { expectAccessible } from './axe'
import { address, button, expect, expectState, measureWith, SMALL_RUN, test } from './lab'

/** Without a second way through the same states: what stands there is looked at in one scheme, then in the other. */
async function expectAccessibleInBoth(page: Page, where: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme)
    await expectAccessible(page, `${where}, ${scheme}`, { coloursAlone: scheme === 'dark' })
  }
}

test('axe: idle, training, finished, landscape, compare, light and dark', async ({ page }) => {
  test.setTimeout(180_000)
  await page.emulateMedia({ colorScheme: 'dark' })
  // Goes on for as long as it is looked at.
  await page.goto(address({ ...SMALL_RUN, num_epochs: '4000' }))
  await measureWith(page, { num_images: '64', points_1d: '9', points_2d: '9' })
  await expectState(page, 'idle')
  await expectAccessible(page, 'idle, opened in the dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await expectAccessible(page, 'idle, light')
  await button(page, 'How to read this').click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectAccessibleInBoth(page, 'a dialog')
  await page.keyboard.press('Escape')
  await button(page, 'Train').click()
  await expectState(page, 'training')
  await expectAccessibleInBoth(page, 'training')
  await button(page, 'Reset (same seed)').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Drop it' }).click()
  await expectState(page, 'idle')
  await button(page, 'Data and training').click()
  await page.locator('[name=num_epochs]').fill('1')
  await button(page, 'Train').click()
  await expectState(page, 'finished')
  // A table, a fold, and what stands over the page.
  const menu = button(page, 'Table and files: Training loss')
  await menu.click()
  await page.getByRole('menuitem', { name: 'Show as table' }).click()
  await menu.click()
  await expect(page.getByRole('menuitem', { name: 'Hide the table' })).toBeFocused()
  await expectAccessibleInBoth(page, 'finished')
  await page.keyboard.press('Escape')
  for (const name of ['Landscape', 'Compare']) {
    await page.getByRole('tab', { name }).or(page.getByRole('link', { name })).click()
    await expectAccessibleInBoth(page, name)
  }
  await page.setViewportSize({ width: 390, height: 844 })
  await expectAccessibleInBoth(page, 'Compare on a phone')
})

test.describe('error state', () => {
  test.use({ expectedErrors: [/404/] })
  test('axe: a failed load', async ({ page }) => {
    await page
      .context()
      .route('**/datasets/fashion_mnist/manifest.json', (route) => route.fulfill({ status: 404 }))
    await page.goto(address(SMALL_RUN))
    await button(page, 'Train').click()
    await expectState(page, 'failed')
    await expect(page.getByRole('alert').first()).toBeVisible()
    await expectAccessible(page, 'failed')
    // On a phone a long address must not push the way out of the message off the screen.
    await page.setViewportSize({ width: 390, height: 844 })
    await expect(button(page, 'Dismiss')).toBeInViewport({ ratio: 1 })
    for (const name of ['Landscape', 'Compare']) {
      await page.getByRole('link', { name }).click()
      await expect(page.getByRole('heading', { level: 1 })).toContainText(name)
      await expect(button(page, 'Dismiss')).toHaveCount(1)
    }
  })
})

test('the keyboard alone starts and pauses a run', async ({ page }) => {
  await page.goto(address({ ...SMALL_RUN, num_epochs: '4000' }))
  await expectState(page, 'idle')
  await tabTo(page, 'Train')
  await page.keyboard.press('Enter')
  await expectState(page, 'training')
  await tabTo(page, 'Pause')
  await page.keyboard.press('Enter')
  await expectState(page, 'paused')
})

async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 120; i++) {
    const focused = await page.evaluate(() => document.activeElement?.textContent?.trim())
    const role = await page.evaluate(() => document.activeElement?.tagName)
    if (focused === name && role === 'BUTTON') return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never reached the button "${name}"`)
}

/** Runs in the page: what can be touched, but not 21 px away from its middle; of a dialog where one is open. */
function tooSmall(): string[] {
  const all = [
    ...document.querySelectorAll<HTMLElement>(
      'a, button, input, select, summary, [role=slider], .mantine-SegmentedControl-label',
    ),
  ]
  const dialog = document.querySelector('[role=dialog]')
  const found: string[] = []
  const middleOf = (element: HTMLElement) => {
    const { left, top, width, height } = element.getBoundingClientRect()
    return [left + width / 2, top + height / 2]
  }
  for (const element of all) {
    // Links in a sentence are as high as its lines.
    if (dialog && !dialog.contains(element)) continue
    if (
      element.matches('p a, [hidden] *, [type=file], [type=radio], .skip') ||
      !element.checkVisibility({ visibilityProperty: true })
    )
      continue
    // A switch is touched at its label, a slider anywhere along its track.
    const label = document.querySelector<HTMLElement>(`label.mantine-Switch-label[for="${element.id}"]`)
    const target = label ?? element.closest('.mantine-Slider-root') ?? element
    target.scrollIntoView({ block: 'center', behavior: 'instant' })
    const { left, top, width, height } = element.getBoundingClientRect()
    const [x, y] = label ? middleOf(label) : [left + width / 2, top + height / 2]
    const hit = [-21, 21].every((off) => target.contains(document.elementFromPoint(x, y + off)))
    const wide =
      width >= 43 || element.matches('[role=slider], [type=checkbox], .help, .mantine-CloseButton-root')
    if (!hit || !wide)
      found.push(`${element.ariaLabel ?? element.textContent?.slice(0, 30)} ${element.className}`)
  }
  return found
}

test.describe('phone', () => {
  test.use({ viewport: { width: 390, height: 844 } })
  test('nothing sticks out nor is cut off, and fingers have 44 px for whatever can be touched', async ({
    page,
  }) => {
    await page.goto(address(SMALL_RUN))
    await expectState(page, 'idle')
    await expect(page.getByRole('figure', { name: /training loss/i })).toBeVisible()
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(await overflow()).toBeLessThanOrEqual(0)
    await expectAccessible(page, 'phone')
    expect(await page.evaluate(tooSmall)).toEqual([])
    await button(page, 'Settings').click()
    await button(page, 'Data and training').click()
    await expect(page.getByRole('dialog').locator('[name=num_epochs]')).toBeVisible()
    await expectAccessible(page, 'the sheet of settings')
    expect(await page.evaluate(tooSmall)).toEqual([])
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    // 1440 × 900 at 200 %, and the narrowest width that WCAG asks for.
    for (const [width, height] of [
      [720, 450],
      [320, 640],
    ]) {
      await page.setViewportSize({ width, height })
      expect(await overflow(), `${width} px`).toBeLessThanOrEqual(0)
    }
  })
})
