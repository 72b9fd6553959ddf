import { DEFAULT_CONFIG } from '../config/schema'
import { methodSettings } from '../optim/methods'
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../base/random'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { cnnSmall } from '../models/cnnSmall'
import { efficientNet } from '../models/efficientNet'
import { gatesOfStep } from '../models/gates'
import { initBatchStats, initTheta } from '../models/init'
import type { Network } from '../models/network'
import { pyramidNet } from '../models/pyramidNet'
import { nesterov } from '../optim/optimizers/nesterov'
import { batchGradient } from './gradients'
import type { Replicas } from './replicas'
import { createTrainState } from './state'
import type { DeviceBatch, StepHyper } from './types'

beforeAll(async () => {
  await initBackend('cpu')
})

const hyper: StepHyper = {
  ...methodSettings(DEFAULT_CONFIG),
  sam_rho: 0.1,
  weightDecay: 0.01,
  noWeightDecayOnBn: false,
  labelSmoothing: 0.1,
  gradientClipping: 0,
  optimizer: nesterov,
  emaDecay: 0,
  emaWarmupSteps: 0,
}

const ROWS = 8

function batchOf(network: Network): DeviceBatch {
  const random = randomStream(4, 'slices')
  const [height, width, channels] = network.inputShape
  const pixels = Float32Array.from({ length: ROWS * height * width * channels }, () => random.normal())
  const classes = Float32Array.from({ length: ROWS * network.numClasses }, (_, i) =>
    i % network.numClasses === Math.floor(i / network.numClasses) % network.numClasses ? 1 : 0,
  )
  const { gates } = network
  return {
    images: tf.tensor4d(pixels, [ROWS, height, width, channels]),
    labels: tf.tensor2d(classes, [ROWS, network.numClasses]),
    ...(gates.width > 0 && { gates: tf.tensor2d(gatesOfStep(gates, ROWS, 9, 0), [ROWS, gates.width]) }),
  }
}

function run(network: Network, batch: DeviceBatch, replicas: Replicas, rho = hyper.sam_rho) {
  const own = { ...hyper, sam_rho: rho, replicas }
  const state = createTrainState(network, own, initTheta(network, 2), initBatchStats(network))
  const rates = { learningRate: tf.scalar(0.1), method: rho > 0 ? { rho: tf.scalar(rho) } : ({} as never) }
  const decay = { weightDecay: hyper.weightDecay }
  return batchGradient(network, own, decay, { state, batch, rates })
}

const rows = (tensor: tf.Tensor, from: number, count: number) =>
  tf.slice(tensor, [from, ...tensor.shape.slice(1).map(() => 0)], [count, ...tensor.shape.slice(1)])

function part(batch: DeviceBatch, from: number, count: number): DeviceBatch {
  return {
    images: rows(batch.images, from, count) as tf.Tensor4D,
    labels: rows(batch.labels, from, count) as tf.Tensor2D,
    ...(batch.gates && { gates: rows(batch.gates, from, count) as tf.Tensor2D }),
  }
}

async function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance = 2e-6) {
  const [a, b] = [await actual.data(), await expected.data()]
  const scale = Math.max(...Array.from(b, Math.abs), 1e-3)
  for (let i = 0; i < b.length; i++) expect(Math.abs(a[i] - b[i])).toBeLessThan(tolerance * scale)
  expect(a.length).toBe(b.length)
}

const mean = (tensors: tf.Tensor[]) => tf.div(tf.addN(tensors), tensors.length)

describe('replicas with statistics of their own', () => {
  const networks = {
    cnn_small: cnnSmall([6, 6, 1], 3, [3], 5),
    pyramid: pyramidNet([4, 4, 1], 3, { name: 'tiny', depth: 11, alpha: 3 }),
  }

  it.each(['cnn_small', 'pyramid'] as const)('are runs over the parts of the batch: %s', async (name) => {
    const network = networks[name]
    const batch = batchOf(network)
    const together = run(network, batch, { count: 4, group: 1 })
    const alone = [0, 2, 4, 6].map((from) => run(network, part(batch, from, 2), { count: 1, group: 1 }))
    await expectClose(together.gradient, mean(alone.map(({ gradient }) => gradient)))
    await expectClose(together.loss, mean(alone.map(({ loss }) => loss)))
    await expectClose(together.perturbedLoss, mean(alone.map(({ perturbedLoss }) => perturbedLoss)))
    await expectClose(together.errorRate, mean(alone.map(({ errorRate }) => errorRate)))
    await expectClose(together.batchStats, tf.concat(alone.map(({ batchStats }) => batchStats)))
  })

  it('share one perturbation in groups', async () => {
    const network = networks.cnn_small
    const batch = batchOf(network)
    const inPairs = run(network, batch, { count: 4, group: 2 })
    const pairs = [0, 4].map((from) => run(network, part(batch, from, 4), { count: 2, group: 2 }))
    await expectClose(inPairs.gradient, mean(pairs.map(({ gradient }) => gradient)))
    const apart = run(network, batch, { count: 4, group: 1 })
    const [difference] = await tf.norm(tf.sub(inPairs.gradient, apart.gradient)).data()
    expect(difference).toBeGreaterThan(1e-4)
  })
})

describe('replicas that share their statistics', () => {
  const network = efficientNet([4, 4, 1], 3, {
    name: 'tiny',
    width: 0.1,
    depth: 0.3,
    resolution: 4,
    dropout: 0.2,
  })

  it('are one pass over the batch without perturbation, and with a shared one', async () => {
    const batch = batchOf(network)
    for (const [group, rho] of [
      [1, 0],
      [4, 0.1],
    ]) {
      const whole = run(network, batch, { count: 1, group: 1 }, rho)
      const replicas = run(network, batch, { count: 4, group }, rho)
      await expectClose(replicas.gradient, whole.gradient, 1e-5)
      await expectClose(replicas.batchStats, whole.batchStats, 1e-5)
    }
  })

  it('with ε̂ of their own have the gradient that finite differences see', async () => {
    const batch = batchOf(network)
    const { gradient, perturbedLoss, batchStats } = run(network, batch, { count: 2, group: 1 }, 0.05)
    expect(batchStats.size).toBe(network.stats.size)
    const [loss] = await perturbedLoss.data()
    expect(Number.isFinite(loss)).toBe(true)
    // One weight copy for each replica, moved together: the mean over replicas is the derivative of the mean loss.
    const shared = run(network, batch, { count: 2, group: 1 }, 1e-9)
    const plain = run(network, batch, { count: 1, group: 1 }, 0)
    await expectClose(shared.gradient, plain.gradient, 1e-3)
    const [moved] = await tf.norm(tf.sub(gradient, plain.gradient)).data()
    expect(moved).toBeGreaterThan(1e-3)
  })
})
