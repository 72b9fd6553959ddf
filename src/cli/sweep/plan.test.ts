import { expect, it } from 'vitest'
import { REFERENCE_DEFAULTS } from '../../core/config/reference'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { planSweep, runId } from './plan'

const plan = (sweep: object) => planSweep(JSON.stringify({ name: 'demo', ...sweep }), 'sweep.json')
const refused = (sweep: object) =>
  plan(sweep).then(
    () => 'nothing',
    ({ message }: Error) => message,
  )

it('multiplies grid, list and seeds out, the last fastest', async () => {
  const { runs, over } = await plan({
    preset: 'first_visit',
    base: { num_epochs: 3 },
    list: [{ model_name: 'mlp' }, { model_name: 'cnn_small', batch_size: 32 }],
    grid: { sam_rho: [0, 0.05] },
    seeds: 2,
  })
  const shown = runs.map(({ config }) => [config.model_name, config.sam_rho, config.run_seed])
  expect(shown).toEqual([
    ['mlp', 0, 0],
    ['mlp', 0, 1],
    ['mlp', 0.05, 0],
    ['mlp', 0.05, 1],
    ['cnn_small', 0, 0],
    ['cnn_small', 0, 1],
    ['cnn_small', 0.05, 0],
    ['cnn_small', 0.05, 1],
  ])
  expect(over).toEqual(['model_name', 'sam_rho', 'batch_size'])
  expect(runs[4].config).toEqual({
    ...DEFAULT_CONFIG,
    runs: '',
    num_epochs: 3,
    model_name: 'cnn_small',
    batch_size: 32,
    sam_rho: 0,
  })
})

it('starts from the flags of train where no preset is named, and reads values as they are typed there', async () => {
  const { runs } = await plan({
    base: { dataset: 'fashion_mnist', num_train_examples: null, mlp_layers: [16, 8], sam_rho: '0.05' },
    grid: { run_seed: [0, 1, 2] },
  })
  expect(runs.map(({ config }) => config)).toEqual(
    [0, 1, 2].map((run_seed) => ({
      ...REFERENCE_DEFAULTS,
      dataset: 'fashion_mnist',
      mlp_layers: '16,8',
      sam_rho: 0.05,
      run_seed,
    })),
  )
})

it('names the same runs the same, wherever they stand and whatever changes no number', async () => {
  const [a, b] = (await plan({ grid: { sam_rho: [0, 0.05] } })).runs
  const again = (await plan({ name: 'other', list: [{ sam_rho: 0.05, save_progress_seconds: 5 }] })).runs
  expect(again.map(({ id }) => id)).toEqual([b.id])
  expect(a.id).not.toBe(b.id)
  expect(a.id).toMatch(/^[0-9a-f]{20}$/)
  expect(await runId({ ...a.config, output_dir: '/elsewhere' })).toBe(a.id)
  expect((await plan({ grid: { sam_rho: [0, 0, 0.05] } })).runs).toHaveLength(2)
})

it('draws the same at random every time, and more of them begin with the same ones', async () => {
  const random = {
    settings: {
      sam_rho: { from: 0.01, to: 1, scale: 'log' },
      batch_size: { from: 16, to: 64 },
      model_name: ['mlp', 'cnn_small'],
    },
  }
  const of = async (count: number, seed = 0) =>
    (await plan({ random: { ...random, count, seed } })).runs.map(({ config }) => config)
  const [few, more] = [await of(5), await of(40)]
  expect(more.slice(0, 5)).toEqual(few)
  expect(await of(5, 1)).not.toEqual(few)
  for (const { sam_rho, batch_size } of more) {
    expect(sam_rho >= 0.01 && sam_rho <= 1 && Number.isInteger(batch_size)).toBe(true)
    expect(batch_size >= 16 && batch_size <= 64).toBe(true)
  }
  expect(more.filter(({ sam_rho }) => sam_rho < 0.1).length).toBeGreaterThan(8)
  expect(new Set(more.map(({ model_name }) => model_name)).size).toBe(2)
})

it.each([
  [{ grid: { sam_roh: [0] } }, 'grid.sam_roh: sam_roh: no such setting'],
  [{ grid: { sam_rho: [-1] } }, /^grid\.sam_rho: sam_rho: number, 0 to \d+, got "-1"$/],
  [{ base: { runs: 'sam_rho:0;' } }, 'base: Runs: the sweep’s own, got runs'],
  [{ preset: 'nosuch' }, /^preset: one of first_visit, .*got nosuch$/],
  [{ list: [{ batch_size: 10 }, { batch_size: 0 }] }, /^list\.1: batch_size: whole number/],
  [{ base: { num_replicas: 3 } }, /num_replicas: a divisor of batch_size/],
  [{ random: { count: 1, settings: { sam_rho: { from: 2, to: 1 } } } }, /from ≤ to, got from 2 to 1/],
  [{ random: { count: 1, settings: { model_name: { from: 2, to: 3 } } } }, /a list of values, got a range/],
  [{ measure: { interpolation: {} } }, /^measure: one of line, .*got interpolation$/],
  [{ measure: { curvature: { images: 3 } } }, /^one of .*num_images.*got images$/],
  [{ grids: {} }, /^sweep\.json: sweep: Unrecognized key/],
  [{ seeds: 1000, grid: { sam_rho: Array.from({ length: 101 }, (_, i) => i / 100) } }, /100000 runs at most/],
])('%j is refused in words', async (sweep, message) => {
  expect(await refused(sweep)).toMatch(message)
})

it.each(['', '[]', '{"name":', 'null', '{"name":"../x"}', '{"name":"A"}'])('%j is no sweep', async (text) => {
  await expect(planSweep(text, 'x.json')).rejects.toMatchObject({
    code: 'file-format',
    message: expect.stringMatching(/^x\.json: /),
  })
})
