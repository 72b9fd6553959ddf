/** Sessions of runs that differ in anything: each is the run that it would be alone. */
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { runSpecs } from '../runs/runSpec'
import { loadDatasets } from './datasets'
import { Session } from './session'
import { syntheticDataset } from './synthetic.testing'

beforeAll(async () => {
  await initBackend('cpu')
})

const config = (changes: Partial<RunConfig> = {}): RunConfig => ({
  ...DEFAULT_CONFIG,
  mlp_layers: '8',
  batch_size: 16,
  num_epochs: 2,
  learning_rate: 0.05,
  label_noise: 0,
  num_train_examples: null,
  num_eval_examples: 24,
  perturbed_loss_every: 0,
  ...changes,
})

const dataset = syntheticDataset()

const RUNS =
  'sam_rho:0;sam_rho:0.05;num_epochs:3;batch_size:32;mlp_layers:5;learning_rate:0.2,use_rmsprop:true;label_smoothing:0.1;run_seed:7'

describe('runs in one session', () => {
  it('end at the bits of each alone, whatever they differ in', async () => {
    const before = tf.memory().numTensors
    const session = new Session({ config: config({ runs: RUNS }), dataset })
    expect(await session.train()).toBe('finished')
    expect(session.runs.map((run) => run.step)).toEqual([8, 8, 12, 4, 8, 8, 8, 8])
    for (const run of session.runs) {
      const alone = new Session({ config: run.config, dataset })
      await alone.train()
      const [only] = alone.runs
      const [together, single] = [await run.snapshot(), await only.snapshot()]
      expect(together.theta, run.label).toEqual(single.theta)
      expect(together.slots, run.label).toEqual(single.slots)
      expect(run.history.columns().loss, run.label).toEqual(only.history.columns().loss)
      const numbers = run.evaluations.map(({ seconds: _, ...metrics }) => metrics)
      expect(numbers, run.label).toEqual(only.evaluations.map(({ seconds: _, ...metrics }) => metrics))
      alone.dispose()
    }
    session.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('share batches and network exactly where data and network are the same', () => {
    const session = new Session({ config: config({ runs: RUNS }), dataset })
    const lanes = session.runs.map(({ lane }) => session.runs.findIndex((run) => run.lane === lane))
    expect(lanes).toEqual([0, 0, 0, 3, 4, 0, 0, 7])
    session.dispose()
  })

  it('pause where each is to pause, and go on to the same bits', async () => {
    const runs = 'sam_rho:0;batch_size:32'
    const whole = new Session({ config: config({ runs }), dataset })
    await whole.train()
    const halves = new Session({ config: config({ runs }), dataset })
    expect(await halves.train({ until: (run) => run.lane.stepsPerEpoch })).toBe('paused')
    expect(halves.runs.map((run) => run.step)).toEqual([4, 2])
    expect(await halves.train()).toBe('finished')
    for (const { key } of whole.runs) {
      expect((await halves.snapshot(key)).theta).toEqual((await whole.snapshot(key)).theta)
    }
    whole.dispose()
    halves.dispose()
  })

  it('load each data set once', async () => {
    const loaded: unknown[] = []
    const specs = runSpecs(config({ runs: 'sam_rho:0;;label_noise:0.5;learning_rate:1,label_noise:0.5' }))
    const of = await loadDatasets(specs, async ({ label_noise }) => {
      loaded.push(label_noise)
      return { ...dataset }
    })
    expect(loaded).toEqual([0, 0.5])
    expect(of(specs[0])).toBe(of(specs[1]))
    expect(of(specs[2])).toBe(of(specs[3]))
    expect(of(specs[2])).not.toBe(of(specs[0]))
  })
})
