/** Measures of planes on the device are those of plain JavaScript; a rescaled network answers the same to the bit there too. */
import { expect, it } from 'vitest'
import { onWebGpu, startBackend } from '../../../engine/gpu.testing'
import * as tf from '../../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { initBatchStats, initTheta } from '../../models/init'
import { createNetwork } from '../../models/registry'
import { syntheticDataset } from '../../session/synthetic.testing'
import { curve } from './curve'
import { DEFAULT_MEASURE_SETTINGS } from './info'
import type { Finding, MeasuredRun, Values } from './measure'
import { rescaling } from './rescaling'
import { surface } from './surface'
import { trajectory } from './trajectory'

onWebGpu()

const dataset = syntheticDataset({ size: 8, noise: 0.3 })
const config: RunConfig = { ...DEFAULT_CONFIG, model_name: 'mlp', mlp_layers: '6,5', runs: '' }
const network = createNetwork(config, dataset, 4)
const settings = {
  ...DEFAULT_MEASURE_SETTINGS,
  points_1d: 5,
  points_2d: 3,
  num_images: 30,
  octaves: 1,
  bend_steps: 10,
}

/** On the backend of the moment. */
function runs(): MeasuredRun[] {
  const way = { steps: [0], at: async () => pointOf(7) }
  return [0, 1].map((seed) => {
    const { theta, batchStats } = pointOf(seed)
    return {
      key: `run${seed}`,
      config,
      network,
      dataset,
      theta: tf.tensor1d(theta),
      batchStats: tf.tensor1d(batchStats),
      way,
    }
  })
}

const pointOf = (seed: number) => ({ theta: initTheta(network, seed), batchStats: initBatchStats(network) })

const MEASURES: Record<
  string,
  (job: { runs: MeasuredRun[]; onProgress(): void }) => Promise<{ findings: Finding[] }>
> = {
  trajectory: (job) => trajectory.compute({ ...job, settings }),
  'surface along eigenvectors': (job) =>
    surface.compute({ ...job, settings: { ...settings, directions: 'eigenvectors' } }),
  'surface along gradients': (job) =>
    surface.compute({ ...job, settings: { ...settings, directions: 'gradient' } }),
  'surface through points': (job) =>
    surface.compute({ ...job, settings: { ...settings, directions: 'points' } }),
  curve: (job) => curve.compute({ ...job, settings }),
  rescaling: (job) => rescaling.compute({ ...job, settings }),
}

it.each(Object.keys(MEASURES))('%s', async (name) => {
  const found: Values[] = []
  for (const backend of ['cpu', 'webgpu'] as const) {
    await startBackend(backend)
    const own = runs()
    const before = tf.memory().numTensors
    const { findings } = await MEASURES[name]({ runs: own, onProgress: () => {} })
    expect(tf.memory().numTensors, backend).toBe(before)
    found.push(findings[0].values)
    tf.dispose(own.flatMap(({ theta, batchStats }) => [theta, batchStats]))
  }
  const [expected, got] = found
  // Where an eigenvector or a logit's last bit decides, and what has no scale.
  const loose = ['mark_outside', 'lambda1_residual', 'direction_title', 'cosine', 'share']
  for (const [value, wanted] of Object.entries(expected)) {
    if (!(wanted instanceof Float64Array) || loose.includes(value)) continue
    const values = got[value] as Float64Array
    expect(values.length, value).toBe(wanted.length)
    wanted.forEach((one, i) => {
      expect(Math.abs(values[i] - one), `${value} ${i}`).toBeLessThan(2e-3 * Math.max(1, Math.abs(one)))
    })
  }
  if (name === 'rescaling') {
    expect([...(got.largest_difference as Float64Array)]).toEqual([0, 0, 0])
    const [n, slices] = [5, got.normalised as Float64Array]
    for (const k of [0, 2]) expect(slices.slice(k * n, k * n + n)).toEqual(slices.slice(n, 2 * n))
  }
})
