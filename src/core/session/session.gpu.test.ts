/** The session on the device it is made for: late bulk reads, nothing left behind, the same numbers as plain JavaScript. */
import { expect, it } from 'vitest'
import { onWebGpu, startBackend } from '../../engine/gpu.testing'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import type { EvalMetrics, RunKey, StepMetrics } from '../runs/metrics'
import { Session } from './session'
import { syntheticDataset } from './synthetic.testing'

onWebGpu()

const config: RunConfig = {
  ...DEFAULT_CONFIG,
  mlp_layers: '12',
  batch_size: 16,
  num_epochs: 3,
  num_eval_examples: 24,
}
const dataset = syntheticDataset({ size: 6, noise: 0.25 })

async function trained(backend: 'cpu' | 'webgpu') {
  await startBackend(backend)
  const before = tf.memory().numTensors
  const rows: Record<RunKey, StepMetrics[]> = { sgd: [], sam: [] }
  const final: Partial<Record<RunKey, EvalMetrics>> = {}
  const session = new Session({
    config,
    dataset,
    events: {
      onMetrics: (run, more) => rows[run].push(...more),
      onEvaluation: (run, metrics) => {
        final[run] = metrics
      },
    },
  })
  expect(await session.train()).toBe('finished')
  const { theta } = await session.snapshot('sam')
  session.dispose()
  expect(tf.memory().numTensors).toBe(before)
  return { rows, final, theta }
}

it('trains the pair as plain JavaScript does, and twice the same', async () => {
  const reference = await trained('cpu')
  const first = await trained('webgpu')
  const second = await trained('webgpu')
  expect(second.theta).toEqual(first.theta)
  for (const id of ['sgd', 'sam'] as const) {
    expect(first.rows[id].map((row) => row.step)).toEqual(reference.rows[id].map((row) => row.step))
    // The first steps agree to rounding; later ones drift apart as float32 does.
    for (let i = 0; i < 4; i++) {
      expect(first.rows[id][i].loss).toBeCloseTo(reference.rows[id][i].loss, 4)
      expect(first.rows[id][i].gradientNorm).toBeCloseTo(reference.rows[id][i].gradientNorm, 3)
    }
    expect(first.final[id]?.testIsWhole).toBe(true)
    expect(first.final[id]?.memorised).toBeDefined()
  }
})
