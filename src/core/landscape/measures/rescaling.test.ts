import '@tensorflow/tfjs-backend-cpu'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { Session } from '../../session/session'
import { syntheticDataset } from '../../session/synthetic.testing'
import { EIGEN_DEFAULTS, extremeEigenvalues } from '../curvature/eigenvalues'
import { KrylovSpaces } from '../curvature/krylov'
import { lookAtEach } from '../curvature/subjects'
import { rescaled, rescaledLayers } from '../rescaling'
import { DEFAULT_MEASURE_SETTINGS } from './info'
import type { MeasuredRun } from './measure'
import { type RescalingValues, rescaling } from './rescaling'

const dataset = syntheticDataset({ size: 8, noise: 0.3 })
const config: RunConfig = {
  ...DEFAULT_CONFIG,
  model_name: 'mlp',
  mlp_layers: '5,4',
  batch_size: 16,
  num_epochs: 1,
  runs: '',
}
const settings = { ...DEFAULT_MEASURE_SETTINGS, points_1d: 5, num_images: 24, octaves: 2 }

let session: Session
beforeAll(async () => {
  await tf.setBackend('cpu')
  session = new Session({ config, dataset })
  await session.train()
})
afterAll(() => session.dispose())

const measuredRun = (changes: Partial<RunConfig> = {}): MeasuredRun => {
  const [{ key, network, evaluated }] = session.runs
  return { key, config: { ...config, ...changes }, network, dataset, ...evaluated }
}

describe('rescaling', () => {
  it('multiplies one layer and divides the next, and nothing else', () => {
    const run = measuredRun()
    const layers = rescaledLayers(run)
    expect([layers.first.name, layers.next.name]).toEqual(['Dense_0', 'Dense_1'])
    const theta = Float32Array.from({ length: run.network.params.size }, (_, i) => 1 + i)
    const moved = rescaled(theta, layers, 4)
    const factors = run.network.params.entries.map(({ name, offset }) => [
      name,
      moved[offset] / theta[offset],
    ])
    expect(Object.fromEntries(factors)).toEqual({
      'Dense_0/kernel': 4,
      'Dense_0/bias': 4,
      'Dense_1/kernel': 0.25,
      'Dense_1/bias': 1,
      'Dense_2/kernel': 1,
      'Dense_2/bias': 1,
    })
  })

  it('is refused where another function would come of it', () => {
    expect(() => rescaledLayers(measuredRun({ mlp_activation: 'tanh' }))).toThrow('got mlp with tanh')
    const stats = { ...session.runs[0].network.stats, size: 4 }
    const withNorm = {
      ...measuredRun({ model_name: 'cnn_small' }),
      network: { ...session.runs[0].network, stats },
    }
    expect(() => rescaledLayers(withNorm)).toThrow('got cnn_small, which has batch norm')
  })
})

describe('the rescaling test', () => {
  let values: RescalingValues
  beforeAll(async () => {
    const before = tf.memory().numTensors
    const { findings, cancelled } = await rescaling.compute({
      runs: [measuredRun()],
      settings,
      onProgress: () => {},
    })
    expect(cancelled).toBe(false)
    expect(tf.memory().numTensors).toBe(before)
    values = findings[0].values
  })

  it('leaves every answer as it is, to the bit', () => {
    expect([...values.alpha]).toEqual([0.25, 0.5, 1, 2, 4])
    expect([...values.largest_difference]).toEqual([0, 0, 0, 0, 0])
    expect([...values.changed]).toEqual([0, 0, 0, 0, 0])
    expect(new Set(values.test_error).size).toBe(1)
    expect(values.test_error[0]).toBeGreaterThanOrEqual(0)
  })

  it('leaves filter-normalised slices as they are and changes plain ones', () => {
    const row = (of: Float64Array, k: number) => [...of.subarray(5 * k, 5 * k + 5)]
    for (const k of [0, 1, 3, 4]) {
      expect(row(values.normalised, k)).toEqual(row(values.normalised, 2))
      expect(row(values.plain, k)[2]).toBe(row(values.plain, 2)[2])
      expect(row(values.plain, k)[0]).not.toBeCloseTo(row(values.plain, 2)[0], 3)
    }
  })

  it('changes λ₁ as the chain rule says: it is that of DHD, D = 1/α on the first layer and α on the next', async () => {
    const run = measuredRun()
    const { first, next } = rescaledLayers(run)
    const subject = {
      num_images: 24,
      hessian_labels: 'training',
      hessian_weights: 'evaluated',
      hessian_decay: false,
      hessian_smoothing: true,
    } as const
    for (const k of [0, 4]) {
      const alpha = values.alpha[k]
      const scale = new Float32Array(run.network.params.size).fill(1)
      for (const { offset, size } of first.entries) scale.fill(1 / alpha, offset, offset + size)
      for (const { offset, size } of next.entries) scale.fill(alpha, offset, offset + size)
      await lookAtEach([run], subject, async ({ objective }) => {
        const d = tf.tensor1d(scale)
        const product = (v: tf.Tensor1D) =>
          tf.tidy(() => tf.mul<tf.Tensor1D>(objective.product(tf.mul(v, d)), d))
        const spaces = new KrylovSpaces({ size: objective.size, product })
        const start = tf.tensor1d(Float32Array.from({ length: objective.size }, (_, i) => Math.sin(i + 1)))
        const space = spaces.from(start)
        const found = await extremeEigenvalues(space, { ...EIGEN_DEFAULTS, top: 1, lowest: false })
        expect(values.lambda1[k] / found!.top[0].value).toBeCloseTo(1, 2)
        space.dispose()
        spaces.dispose()
        tf.dispose([d, start])
      })
    }
    const [sharpest, flattest] = [Math.max(...values.lambda1), Math.min(...values.lambda1)]
    expect(sharpest / flattest).toBeGreaterThan(2)
  })
})
