/** Nothing jumps: what the browser counts as layout shift, at load and while a run is trained, on a phone and a desk. */
import type { Page } from '@playwright/test'
import { address, button, expect, expectState, SMALL_RUN, test } from './lab'

/** Collects layout shifts from the first paint on, those right after a click or key too. */
async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const shifts = { sum: 0, told: [] as string[] }
    Object.assign(window, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number
        sources?: { node?: Node }[]
      })[]) {
        shifts.sum += entry.value
        const who = entry.sources?.map(
          ({ node }) => (node as Element | undefined)?.className ?? node?.nodeName,
        )
        shifts.told.push(`${entry.value.toFixed(4)} ${who?.join(', ')}`)
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  return async () => {
    const { sum, told } = await page.evaluate(
      () => (window as unknown as { shifts: { sum: number; told: string[] } }).shifts,
    )
    test
      .info()
      .annotations.push({ type: 'layout shift', description: `${sum.toFixed(4)}: ${told.join('; ')}` })
    return sum
  }
}

// At a desk the sentence of the verdict has the room to run on in its line.
for (const [where, viewport, most] of [
  ['a phone', { width: 390, height: 844 }, 0.01],
  ['a desk', { width: 1440, height: 900 }, 0.02],
] as const) {
  test.describe(where, () => {
    test.use({ viewport, newBrowser: true })
    test(`hardly anything moves at load, nothing while a run is trained (${where})`, async ({ page }) => {
      const shifted = await watchShifts(page)
      await page.goto(address({ ...SMALL_RUN, num_epochs: '40' }))
      await expect(page.getByRole('note').first()).toContainText('Training runs on')
      await expect(page.getByRole('figure', { name: /training loss/i })).toBeAttached()
      await page.waitForLoadState('networkidle')
      const atLoad = await shifted()
      expect(atLoad, 'at load').toBeLessThanOrEqual(0.05)
      await button(page, 'Train').click()
      await expectState(page, 'finished', 90_000)
      expect((await shifted()) - atLoad, 'from Train to the end').toBeLessThanOrEqual(most)
    })
  })
}
