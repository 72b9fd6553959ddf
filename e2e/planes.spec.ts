/** Planes that mean something: the way of training, a rectangle of it, chosen directions, the rescaling test, a curve. */
import type { Locator, Page } from '@playwright/test'
import { expectAccessible } from './axe'
import { address, button, expect, expectState, measureWith, SMALL_RUN, test, unfold } from './lab'

async function fill(page: Page, values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    const field = page.locator(`[name=${name}]`)
    await field.fill(value)
    await field.press('Enter')
  }
}

async function compute(page: Page, title: string): Promise<void> {
  const start = button(page, `Compute ${title}`)
  await expect(start).toBeEnabled({ timeout: 60_000 })
  await start.click()
}

/** A rectangle, from near the middle outwards. */
async function drag(page: Page, plane: Locator): Promise<void> {
  await plane.evaluate((element) => element.scrollIntoView({ block: 'center' }))
  const box = (await plane.boundingBox())!
  await page.mouse.move(box.x + 0.4 * box.width, box.y + 0.4 * box.height)
  await page.mouse.down()
  await page.mouse.move(box.x + 0.9 * box.width, box.y + 0.9 * box.height, { steps: 4 })
  await page.mouse.up()
}

const FOUR_NUMBERS = /^(-?[\d.e-]+,){3}-?[\d.e-]+$/

/** No measure is at work. */
const standsStill = (page: Page) =>
  expect(button(page, 'Compute trajectory')).toBeEnabled({ timeout: 60_000 })

test('a person sees the way, looks closer, chooses directions and learns what sharpness is not', async ({
  page,
}) => {
  const looks = { trajectory_every: '1', top_eigenvalue_every: '8', top_eigenvalue_images: '64' }
  await page.goto(address({ ...SMALL_RUN, ...looks }))
  await measureWith(page, { num_images: '64', points_1d: '5', points_2d: '5' })
  await button(page, 'Train').click()
  await expectState(page, 'finished')
  await page.getByRole('link', { name: 'Landscape' }).click()
  await expect(page.locator('[name=num_images]')).toBeVisible()
  await standsStill(page)
  await expect(
    page.getByRole('img', { name: /^Ways of the runs so far, until step 16: SGD at / }),
  ).toBeVisible()
  await unfold(page, 'Curve and rescaling')
  await fill(page, { octaves: '1', bend_steps: '4' })
  await unfold(page, 'Curvature and spectrum')
  await fill(page, { eigenvalues: '2', trace_probes: '2', spectrum_steps: '6', spectrum_probes: '2' })

  await compute(page, 'trajectory')
  const ways = page.getByRole('img', { name: /^Ways of the runs until step 16: SGD at .*; SAM at / })
  await expect(ways).toBeVisible()
  await standsStill(page)
  const slider = page.getByRole('slider', { name: 'Step of the ways' })
  await slider.focus()
  await page.keyboard.press('Home')
  for (const run of ['sgd', 'sam']) {
    await expect(page.locator(`.way-${run}`)).toHaveAttribute('data-step', '0')
  }
  await expect(page.getByText(/PC 1, [\d.]+ % of the variance/)).toBeVisible()

  await unfold(page, 'Directions and windows')
  await drag(page, page.locator('.way-plane .zoom-area'))
  await expect(page.locator('[name=way_window]')).toHaveValue(FOUR_NUMBERS)
  await standsStill(page)
  await button(page, 'Whole plane').click()
  await expect(page.locator('[name=way_window]')).toHaveValue('')
  await standsStill(page)

  await page.locator('[name=directions]').selectOption('points')
  await compute(page, '2-D slice')
  await expect(page.getByText(/the axes as they are named, 90\.0° between them/).first()).toBeVisible()
  await standsStill(page)
  await page.getByText('Contours', { exact: true }).click()
  await drag(page, page.locator('.basins .zoom-area').first())
  await expect(page.locator('[name=window]')).toHaveValue(FOUR_NUMBERS)
  await standsStill(page)

  await page.locator('[name=directions]').selectOption('toward')
  await page.locator('[name=toward]').fill('initial')
  await compute(page, '1-D slice')
  await expect(page.getByText(/d: toward sgd, step 0; toward sam, step 0; ‖d‖/).first()).toBeVisible()
  await standsStill(page)

  await compute(page, 'rescaling test')
  const numbers = page.getByRole('region', { name: 'Rescaling test: numbers' })
  await expect(numbers.getByRole('row', { name: /^λ₁ beside/ })).toContainText('× 1.00')
  await standsStill(page)
  await page.getByRole('slider', { name: 'α of the rescaling' }).focus()
  await page.keyboard.press('Home')
  await expect(page.getByText('α = 0.5')).toBeVisible()
  await expect(numbers.getByRole('row', { name: /^predictions changed/ })).toContainText(/0 of \d+.*0 of \d+/)
  await expect(numbers.getByRole('row', { name: /^largest change/ }).getByRole('cell')).toHaveText([
    '0',
    '0',
    'stays',
  ])
  await expect(numbers.getByRole('row', { name: /^λ₁ beside/ })).not.toContainText('× 1.00')

  await compute(page, 'curve')
  await expect(page.getByText(/from SGD to SAM · barrier: curve/)).toBeVisible()
  await standsStill(page)

  for (const measure of ['curvature', 'spectrum']) {
    await compute(page, measure)
    await standsStill(page)
  }
  await expectAccessible(page, 'all measures')
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible(page, 'all measures, dark', { coloursAlone: true })
  await page.getByRole('link', { name: 'Train', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Edge of stability' })).toBeVisible()
  await expectAccessible(page, 'the edge, dark', { coloursAlone: true })
  await page.emulateMedia({ colorScheme: 'light' })
  await expectAccessible(page, 'the edge')
})

/** Whether a measure that was cut off would be found at the next opening. */
const isNoted = (page: Page): Promise<boolean> =>
  page.evaluate(async () => {
    const opening = indexedDB.open('basin-runs')
    const database = await new Promise<IDBDatabase>((resolve) => {
      opening.onsuccess = () => resolve(opening.result)
    })
    const asking = database.transaction('parts').objectStore('parts').getAll()
    const parts = await new Promise<Uint8Array[]>((resolve) => {
      asking.onsuccess = () => resolve(asking.result)
    })
    database.close()
    return parts.some((part) => new TextDecoder().decode(part).includes('"unfinished"'))
  })

test('a grid that a reload has cut off stands there as far as it was, and goes on until it is cancelled', async ({
  page,
}) => {
  await page.goto(address({ ...SMALL_RUN, num_train_examples: '256' }))
  await measureWith(page, { num_images: '16', points_1d: '5', points_2d: '5' })
  await button(page, 'Train').click()
  await expectState(page, 'finished')
  await page.getByRole('link', { name: 'Landscape' }).click()
  await expect(page.locator('[name=num_images]')).toBeVisible()
  await standsStill(page)
  await fill(page, { num_images: '256', points_2d: '201' })
  await compute(page, '2-D slice')
  await expect.poll(() => isNoted(page), { timeout: 60_000 }).toBe(true)
  await page.reload()
  await expectState(page, 'interrupted')
  await page.getByRole('link', { name: 'Landscape' }).click()
  await expect(page.getByText(/The 2-D slice was cut off at \d+ of 80802 points/)).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
  await expect(page.getByRole('figure', { name: /Surface|Basins|2-D/ }).first()).toBeVisible()
  await button(page, 'Go on with it').click()
  await expectState(page, 'finished')
  await expect(page.locator('[name=points_2d]')).toHaveValue('201')
  await button(page, 'Cancel').click()
  await standsStill(page)
  await expect.poll(() => isNoted(page), { timeout: 60_000 }).toBe(false)
  await page.reload()
  await expectState(page, 'idle')
})
