/** The first screen: the drawing of a step by slider, keys and Step, and the way from a finished run to its basins. */
import type { Page } from '@playwright/test'
import { address, button, expect, expectState, SMALL_RUN, test } from './lab'

const lines = (page: Page) => page.getByRole('list', { name: 'Algorithm 1' }).getByRole('button')
const drawing = (page: Page) => page.getByRole('img', { name: /^Loss .* at θ/ })

/** Of the map's corner, 0 to 255. */
const brightness = (page: Page): Promise<number> => page.evaluate(cornersBrightness)

function cornersBrightness(): number {
  const canvas = document.querySelector<HTMLCanvasElement>('.step-map canvas')!
  const [red, green, blue] = canvas.getContext('2d')!.getImageData(2, 2, 1, 1).data
  return (red + green + blue) / 3
}

/** What stands there once the page has been told that it will be printed, and before the browser goes on. */
async function brightnessOnPaper(page: Page): Promise<number> {
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')))
  const printed = await brightness(page)
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')))
  return printed
}

test('the drawing follows ρ before training, and Step shows the step of the network that trains', async ({
  page,
}) => {
  await page.goto(address(SMALL_RUN))
  await expectState(page, 'idle')
  await expect(drawing(page)).toHaveAccessibleName(/SAM looks 0\.2 uphill/)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(() => brightness(page)).toBeLessThan(100)
  expect(await brightnessOnPaper(page)).toBeGreaterThan(200)
  await page.emulateMedia({ colorScheme: 'light' })
  const uphill = () => page.locator('.step-drawing .ring').getAttribute('r').then(Number)
  const before = await uphill()

  // By keys: the drawing, the number in the form and the address follow.
  const slider = page.getByRole('slider', { name: 'ρ of the drawing' })
  await slider.focus()
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight')
  await expect(drawing(page)).toHaveAccessibleName(/SAM looks 0\.25 uphill/)
  expect(await uphill()).toBeCloseTo(1.25 * before, 3)
  await expect(page.locator('[name=sam_rho]')).toHaveValue('0.25')
  expect(new URL(page.url()).searchParams.get('sam_rho')).toBe('0.25')
  // At ρ = 0 both steps are one.
  await slider.press('Home')
  await expect(drawing(page)).toHaveAccessibleName(/At ρ = 0 SAM is SGD/)
  await page.goto(address(SMALL_RUN))
  await expectState(page, 'idle')

  // A line of the algorithm is a part of the drawing.
  await lines(page).nth(2).click()
  await expect(lines(page).nth(2)).toHaveAttribute('aria-pressed', 'true')
  await expect(page.locator('.step-drawing svg').getByText('g′')).toBeVisible()
  await expect(page.locator('.step-drawing svg').getByText('SAM’s next')).toBeHidden()
  await lines(page).nth(2).click()

  await button(page, 'Step').click()
  await expectState(page, 'paused')
  await expect(page.getByText(/SAM before step 1\b/)).toBeVisible()
  // Its four lines are played, and then the whole stands.
  await expect(lines(page).nth(3)).toHaveAttribute('aria-pressed', 'true')
  await expect(lines(page).nth(3)).toHaveAttribute('aria-pressed', 'false')
  // The numbers beside the lines are those of the curves: the loss and the perturbed loss of SAM's first step.
  const [here, there] = (await lines(page).nth(2).innerText()).match(/[\d.]+/g)!.slice(-2)
  const download = page.waitForEvent('download')
  await button(page, 'Metrics as CSV').click()
  const text = await (await (await download).createReadStream()).toArray()
  const [head, ...rows] = Buffer.concat(text)
    .toString()
    .trim()
    .split('\n')
    .map((row) => row.split(','))
  const sam = rows.find((row) => row.includes('sam'))!
  const value = (name: RegExp) => Number(sam[head.findIndex((column) => name.test(column))])
  expect(value(/^loss$/i)).toBeCloseTo(Number(here), 1)
  expect(value(/perturbed/i)).toBeCloseTo(Number(there), 1)

  // A session keeps its radius; the slider looks around.
  await slider.focus()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByText('in the drawing alone')).toBeVisible()
  await expect(page.getByRole('dialog')).toBeHidden()
  await expectState(page, 'paused')

  // Put away, and still so after a reload.
  await button(page, 'Hide').click()
  await expect(drawing(page)).toBeHidden()
  await page.reload()
  await expect(drawing(page)).toBeHidden()
  await button(page, 'Show').click()
  await expect(drawing(page)).toBeVisible()
})

test('the end of a run leads to its basins, and the tab says how far it is', async ({ page }) => {
  await page.goto(address(SMALL_RUN))
  await expectState(page, 'idle')
  await expect(page).toHaveTitle('Basin')
  await button(page, 'Train').click()
  await expectState(page, 'finished')
  await expect(page).toHaveTitle('Finished · Basin')
  await button(page, 'Show the basins').click()
  await expect(page.locator('#basins-title')).toBeInViewport()
  await expect(
    page
      .getByRole('figure', { name: /2-D slice/ })
      .locator('canvas')
      .first(),
  ).toBeVisible()
})
