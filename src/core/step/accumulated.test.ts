/** A step over several batches is the step over all of their images at once. */
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../base/random'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { cnnSmall } from '../models/cnnSmall'
import { initBatchStats, initTheta } from '../models/init'
import { mlp } from '../models/mlp'
import type { Network } from '../models/network'
import { makeAccumulatedStep } from './accumulated'
import { createTrainState, disposeState } from './state'
import { hyperOf, makeTrainStep, unpackStepMetrics } from './step'
import type { DeviceBatch } from './types'

beforeAll(async () => {
  await initBackend('cpu')
})

function batchOf(network: Network, n: number): DeviceBatch {
  const random = randomStream(5, 'slices')
  const [h, w, c] = network.inputShape
  const images = Float32Array.from({ length: n * h * w * c }, () => random.normal())
  const labels = new Float32Array(n * network.numClasses)
  for (let i = 0; i < n; i++) labels[i * network.numClasses + random.int(network.numClasses)] = 1
  return { images: tf.tensor4d(images, [n, h, w, c]), labels: tf.tensor2d(labels, [n, network.numClasses]) }
}

function cut({ images, labels }: DeviceBatch, sizes: number[]): DeviceBatch[] {
  const parts = tf.split(images, sizes) as tf.Tensor4D[]
  const ofLabels = tf.split(labels, sizes) as tf.Tensor2D[]
  return parts.map((part, i) => ({ images: part, labels: ofLabels[i] }))
}

const CASES: Record<string, Partial<RunConfig>> = {
  'gradient descent, mse': { sam_rho: 0, momentum: 0, gradient_clipping: 0, loss: 'mse' },
  'SGD with a probe': { sam_rho: 0, weight_decay: 0.01 },
  SAM: { sam_rho: 0.3, weight_decay: 0.01, no_weight_decay_on_bn: true, label_smoothing: 0.1 },
  'SAM, mse, Polyak': { sam_rho: 0.3, loss: 'mse', nesterov: false },
  LookSAM: { sam_rho: 0.3, sam_variant: 'look', look_every: 2 },
  'F-SAM with RMSProp and an average': {
    sam_rho: 0.3,
    sam_variant: 'friendly',
    use_rmsprop: true,
    ema_decay: 0.9,
  },
}

describe('a step over several batches', () => {
  it.each(Object.keys(CASES))('is that over all of their images: %s', async (name) => {
    const network = mlp([4, 4, 1], 3, [6], 'tanh')
    const hyper = { ...hyperOf({ ...DEFAULT_CONFIG, ...CASES[name] }), emaWarmupSteps: 1 }
    const whole = batchOf(network, 8)
    const parts = cut(whole, [3, 3, 2])
    const [atOnce, accumulated] = [makeTrainStep(network, hyper), makeAccumulatedStep(network, hyper)]
    const begin = () => createTrainState(network, hyper, initTheta(network, 3), initBatchStats(network))
    let [one, other] = [begin(), begin()]
    for (let i = 0; i < 3; i++) {
      const numbers = { learningRate: 0.1, totalSteps: 3, probeRho: i === 1 ? 0.2 : undefined }
      const wanted = atOnce(one, whole, numbers)
      const found = accumulated(other, parts, numbers)
      const [a, b] = [wanted, found].map(({ metrics }) => unpackStepMetrics(metrics.dataSync()))
      for (const key of Object.keys(a) as (keyof typeof a)[]) {
        if (Number.isNaN(a[key])) expect(b[key]).toBeNaN()
        else expect(b[key]).toBeCloseTo(a[key], 5)
      }
      ;[one, other] = [wanted.state, found.state]
      const values = [one, other].map(({ theta, slots, ema }) => [theta, ...Object.values(slots), ema?.theta])
      values[0].forEach((tensor, k) => {
        const [x, y] = [tensor?.dataSync() ?? [], values[1][k]?.dataSync() ?? []]
        x.forEach((value, j) => {
          expect(Math.abs(y[j] - value)).toBeLessThan(2e-5)
        })
      })
    }
  })

  it('leaves nothing behind, and its statistics follow every batch of the clean pass', () => {
    const network = cnnSmall([8, 8, 1], 3, [2], 4)
    const hyper = hyperOf({
      ...DEFAULT_CONFIG,
      sam_rho: 0.1,
      weight_decay: 0.01,
      no_weight_decay_on_bn: true,
    })
    const before = tf.memory().numTensors
    const whole = batchOf(network, 6)
    const parts = cut(whole, [3, 3])
    const step = makeAccumulatedStep(network, hyper)
    const sgd = makeAccumulatedStep(network, { ...hyper, sam_rho: 0 })
    let state = createTrainState(network, hyper, initTheta(network, 3), initBatchStats(network))
    const held = tf.memory().numTensors
    const plain = sgd(state, parts, { learningRate: 0.1 })
    for (let i = 0; i < 3; i++) {
      const result = step(state, parts, { learningRate: 0.1 })
      if (i === 0) expect(result.state.batchStats.dataSync()).toEqual(plain.state.batchStats.dataSync())
      disposeState(state)
      state = result.state
      result.metrics.dispose()
      if (i === 0) {
        disposeState(plain.state)
        plain.metrics.dispose()
      }
      expect(tf.memory().numTensors).toBe(held)
    }
    disposeState(state)
    tf.dispose([whole, ...parts].flatMap(({ images, labels }) => [images, labels]))
    step.dispose()
    sgd.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
