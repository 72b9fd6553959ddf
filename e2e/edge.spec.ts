/** The edge of stability: a preset's link shows the panel, λ₁ and the edges are drawn while it trains, and are there after a reload. */
import { findPreset } from '../src/core/config/presets'
import { DEFAULT_CONFIG } from '../src/core/config/schema'
import { configToQuery } from '../src/core/config/url'
import { button, expect, expectState, test } from './lab'

test('a preset’s link shows λ₁ beside the edges of what trains', async ({ page }) => {
  const link = configToQuery({
    ...DEFAULT_CONFIG,
    ...findPreset('sam_edge')!.values,
    num_train_examples: 60,
    batch_size: 25,
    mlp_layers: '8',
    num_epochs: 6,
    evaluate_every: 6,
    num_eval_examples: 50,
    num_final_eval_examples: 50,
    top_eigenvalue_every: 2,
    top_eigenvalue_images: 60,
  })
  await page.goto(`./?${link}`)
  await expectState(page, 'idle')
  const section = page.getByRole('region', { name: 'Edge of stability' })
  const figure = section.getByRole('figure', { name: 'Largest eigenvalue' })
  await expect(figure).toContainText('The first after 2 steps.')
  await expect(section).toContainText('2/η alone misleads')
  await button(page, 'Train').click()
  await expectState(page, 'finished')

  for (const line of ['.curve-sgd', '.edge-stabilityEdge', '.curve-sam', '.edge-samEdge']) {
    await expect(figure.locator(`${line} path`).first()).toHaveAttribute('d', /^M.*L/)
  }
  const rows = async () => {
    await figure.getByRole('button', { name: /^Table and files/ }).click()
    await page.getByRole('menuitem', { name: 'Show as table' }).click()
    await expect(figure.getByRole('row').first()).toContainText(/GD, λ₁.*SAM ρ 0.02, SAM’s edge.*edge/s)
    return figure.getByRole('row').allInnerTexts()
  }
  const trained = await rows()
  expect(trained.slice(1).map((row) => row.trim().split(/\s+/)[0])).toEqual(['2', '4', '6'])
  expect(trained[1]).toContain('40.0')
  if (process.env.EDGE_PICTURE) await section.screenshot({ path: process.env.EDGE_PICTURE })

  // It is kept with its runs.
  await page.reload()
  await expectState(page, 'idle')
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await page.getByRole('checkbox', { name: 'Pick all' }).check()
  await button(page, 'Open').click()
  await expectState(page, 'finished')
  await page.getByRole('link', { name: 'Train', exact: true }).click()
  expect(await rows()).toEqual(trained)
})
