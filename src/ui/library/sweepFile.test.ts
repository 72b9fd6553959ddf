import { describe, expect, it } from 'vitest'
import { planSweep, runId } from '../../cli/sweep/plan'
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import { formRuns } from '../runs/shownRuns'
import { type Sweep, sweepConfigs } from './sweep'
import { sweepFile } from './sweepFile'

const base: RunConfig = {
  ...DEFAULT_CONFIG,
  num_epochs: 3,
  num_train_examples: null,
  model_name: 'cnn_small',
  run_seed: 7,
}

/** Ids of the runs that the page would queue, and of those that the terminal plans from the file. */
async function ids(sweep: Sweep) {
  const reading = sweepConfigs(sweep)
  const queued = reading.ok ? reading.configs.flatMap((config) => formRuns(config)) : []
  const { runs } = await planSweep(sweepFile(sweep)!, 'sweep.json')
  return [await Promise.all(queued.map(({ config }) => runId(config))), runs.map(({ id }) => id)].map(
    (list) => [...new Set(list)].sort(),
  )
}

describe('a sweep file of the form', () => {
  it.each<[string, Sweep]>([
    ['a pair over seeds', { base, seeds: 3, settings: [] }],
    ['a setting over values', { base, seeds: 2, settings: [{ name: 'learning_rate', text: '0.01 0.1' }] }],
    [
      'one run over two settings',
      {
        base: { ...base, runs: '' },
        seeds: 1,
        settings: [
          { name: 'sam_rho', text: '0 0.05' },
          { name: 'batch_size', text: '32 64' },
        ],
      },
    ],
    [
      'three runs',
      { base: { ...base, runs: 'sam_rho:0;sam_rho:0.1,num_epochs:2;' }, seeds: 1, settings: [] },
    ],
  ])('is planned as the runs that the page would train: %s', async (_, sweep) => {
    const [queued, planned] = await ids(sweep)
    expect(planned).toEqual(queued)
    expect(planned.length).toBeGreaterThan(1)
  })

  it('is none where the form asks for nothing that can be read', () => {
    expect(sweepFile({ base, seeds: 0, settings: [] })).toBeUndefined()
  })
})
