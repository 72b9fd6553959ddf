import { DEFAULT_CONFIG } from '../config/schema'
import { methodSettings } from '../optim/methods'
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../base/random'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { makeEvaluate } from '../evaluation/evaluate'
import { cnnSmall } from '../models/cnnSmall'
import { initBatchStats, initTheta } from '../models/init'
import { mlp } from '../models/mlp'
import type { Network } from '../models/network'
import { nesterov } from '../optim/optimizers/nesterov'
import { rmsprop } from '../optim/optimizers/rmsprop'
import { lossOnly } from './objective'
import { cloneState, createTrainState, disposeState } from './state'
import { hyperOf, makeTrainStep, unpackStepMetrics } from './step'
import type { DeviceBatch, StepHyper, TrainState } from './types'

beforeAll(async () => {
  await initBackend('cpu')
})

const plain: StepHyper = {
  ...methodSettings(DEFAULT_CONFIG),
  sam_rho: 0,
  weightDecay: 0,
  noWeightDecayOnBn: false,
  labelSmoothing: 0,
  gradientClipping: 0,
  optimizer: nesterov,
  emaDecay: 0,
  emaWarmupSteps: 0,
}

function batchOf(network: Network, n: number, seed = 1): DeviceBatch {
  const random = randomStream(seed, 'slices')
  const [h, w, c] = network.inputShape
  const images = Float32Array.from({ length: n * h * w * c }, () => random.normal())
  const classes = Int32Array.from({ length: n }, () => random.int(network.numClasses))
  return {
    images: tf.tensor4d(images, [n, h, w, c]),
    labels: tf.tidy(() =>
      tf
        .cast(tf.oneHot(tf.tensor1d(classes, 'int32'), network.numClasses), 'float32')
        .as2D(n, network.numClasses),
    ),
  }
}

function fresh(network: Network, hyper: StepHyper): TrainState {
  return createTrainState(network, hyper, initTheta(network, 3), initBatchStats(network))
}

const read = async (tensor: tf.Tensor) => [...(await tensor.data())]

describe('a training step', () => {
  const networks = {
    mlp: mlp([4, 4, 1], 3, [6]),
    cnn_small: cnnSmall([8, 8, 1], 3, [2, 3], 5),
  }
  const full: StepHyper = {
    ...methodSettings(DEFAULT_CONFIG),
    sam_rho: 0.1,
    weightDecay: 0.01,
    noWeightDecayOnBn: true,
    labelSmoothing: 0.1,
    gradientClipping: 1,
    optimizer: rmsprop,
    emaDecay: 0.9,
    emaWarmupSteps: 1,
  }

  it.each([
    ['mlp', plain],
    ['mlp', full],
    ['cnn_small', { ...plain, weightDecay: 0.01, gradientClipping: 1 }],
    ['cnn_small', full],
  ] as const)('leaves nothing behind: %s', async (name, hyper) => {
    const network = networks[name]
    const before = tf.memory().numTensors
    const step = makeTrainStep(network, hyper)
    const batch = batchOf(network, 4)
    let state = fresh(network, hyper)
    const held = tf.memory().numTensors
    for (let i = 0; i < 4; i++) {
      const result = step(state, batch, { learningRate: 0.1, probeRho: i % 2 ? 0.1 : undefined })
      disposeState(state)
      state = result.state
      result.metrics.dispose()
      expect(tf.memory().numTensors).toBe(held)
    }
    expect(state.step).toBe(4)
    disposeState(state)
    tf.dispose([batch.images, batch.labels])
    step.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('descends the gradient at θ + ε̂, checked by finite differences', async () => {
    // Weights whose ReLU inputs stay clear of zero, so that differences are exact to second order.
    const network = mlp([1, 1, 2], 2, [])
    const hyper = { ...plain, sam_rho: 0.3, weightDecay: 0.05 }
    const batch = batchOf(network, 5)
    const state = fresh(network, hyper)
    const theta = await read(state.theta)
    const objective = async (at: number[]) => {
      const [loss] = await lossOnly(
        network,
        tf.tensor1d(at),
        state.batchStats,
        batch.images,
        batch.labels,
      ).data()
      return loss + (0.05 / 2) * at.reduce((sum, value) => sum + value * value, 0)
    }
    const gradient = async (at: number[]) => {
      const h = 1e-2
      const out: number[] = []
      for (let i = 0; i < at.length; i++) {
        const shifted = (by: number) => at.map((value, j) => (j === i ? value + by : value))
        out.push(((await objective(shifted(h))) - (await objective(shifted(-h)))) / (2 * h))
      }
      return out
    }
    const g1 = await gradient(theta)
    const norm = Math.hypot(...g1)
    const g2 = await gradient(theta.map((value, i) => value + (0.3 * g1[i]) / norm))
    const { state: next, metrics } = makeTrainStep(network, hyper)(state, batch, { learningRate: 0.1 })
    const moved = await read(next.theta)
    moved.forEach((value, i) => {
      expect(value).toBeCloseTo(theta[i] - 0.1 * 1.9 * g2[i], 4)
    })
    const row = unpackStepMetrics(await metrics.data())
    expect(row.perturbedLoss).toBeGreaterThan(row.loss)
    expect(row.gradientNorm).toBeCloseTo(Math.hypot(...g2), 4)
    expect(row.paramNorm).toBeCloseTo(Math.hypot(...moved), 5)
  })

  it('keeps the clean pass’s batch-norm statistics under SAM', async () => {
    const network = networks.cnn_small
    const batch = batchOf(network, 6)
    const state = fresh(network, plain)
    const inputs = { learningRate: 0.1 }
    const sgd = makeTrainStep(network, plain)(state, batch, inputs)
    const sam = makeTrainStep(network, { ...plain, sam_rho: 0.5 })(state, batch, inputs)
    expect(await read(sam.state.batchStats)).toEqual(await read(sgd.state.batchStats))
    expect(await read(sam.state.theta)).not.toEqual(await read(sgd.state.theta))
  })

  it('probes the gap of a run without SAM and changes nothing by it', async () => {
    const network = networks.cnn_small
    const batch = batchOf(network, 6)
    const state = fresh(network, plain)
    const without = makeTrainStep(network, plain)(state, batch, { learningRate: 0.1 })
    const probed = makeTrainStep(network, plain)(state, batch, { learningRate: 0.1, probeRho: 0.2 })
    const sam = makeTrainStep(network, { ...plain, sam_rho: 0.2 })(state, batch, { learningRate: 0.1 })
    expect(unpackStepMetrics(await without.metrics.data()).perturbedLoss).toBeNaN()
    const measured = unpackStepMetrics(await probed.metrics.data()).perturbedLoss
    expect(measured).toBeCloseTo(unpackStepMetrics(await sam.metrics.data()).perturbedLoss, 6)
    expect(await read(probed.state.theta)).toEqual(await read(without.state.theta))
  })

  it('stands still, and stays finite, at a zero gradient', async () => {
    const network = mlp([1, 1, 2], 2, [])
    const batch = {
      images: tf.zeros<tf.Rank.R4>([2, 1, 1, 2]),
      labels: tf.tensor2d([
        [1, 0],
        [0, 1],
      ]),
    }
    const hyper = { ...plain, sam_rho: 0.5, gradientClipping: 5 }
    const state = createTrainState(network, hyper, new Float32Array(network.params.size), new Float32Array(0))
    const { state: next, metrics } = makeTrainStep(network, hyper)(state, batch, { learningRate: 0.1 })
    expect(await read(next.theta)).toEqual(await read(state.theta))
    expect(unpackStepMetrics(await metrics.data()).perturbedLoss).toBeCloseTo(Math.log(2), 6)
  })

  it('takes its numbers from the flags', () => {
    const flags = {
      ...methodSettings(DEFAULT_CONFIG),
      sam_rho: 0.7,
      weight_decay: 0.1,
      no_weight_decay_on_bn: true,
      label_smoothing: 0.2,
      gradient_clipping: 3,
      use_rmsprop: true,
      momentum: 0.8,
      nesterov: false,
      loss: 'mse' as const,
      ema_decay: 0.5,
      num_replicas: 8,
      sync_perturbations: true,
      inner_group_size: 2,
      from_pretrained_checkpoint: true,
    }
    expect(hyperOf(flags)).toEqual({
      ...methodSettings(DEFAULT_CONFIG),
      sam_rho: 0.7,
      weightDecay: 0.1,
      noWeightDecayOnBn: true,
      labelSmoothing: 0.2,
      gradientClipping: 3,
      optimizer: rmsprop,
      momentum: { momentum: 0.8, nesterov: false },
      loss: 'mse',
      emaDecay: 0.5,
      emaWarmupSteps: 1560,
      replicas: { count: 8, group: 2 },
      frozenStatistics: true,
    })
  })
})

describe('a state', () => {
  it('outlives the original when cloned', async () => {
    const network = mlp([2, 2, 1], 2, [3])
    const state = fresh(network, { ...plain, optimizer: rmsprop, emaDecay: 0.9 })
    const copy = cloneState(state)
    const theta = await read(state.theta)
    disposeState(state)
    expect(await read(copy.theta)).toEqual(theta)
    expect(await read(copy.slots.meanSquare)).toEqual(new Array(network.params.size).fill(1))
    expect(await read(copy.ema!.theta)).toEqual(theta)
    disposeState(copy)
  })
})

describe('evaluation', () => {
  it('sums loss and errors over the masked-in examples, in evaluation mode', async () => {
    const network = cnnSmall([8, 8, 1], 7, [2], 4)
    const batch = batchOf(network, 5)
    const theta = tf.tensor1d(initTheta(network, 2))
    const stats = tf.tensor1d(initBatchStats(network))
    const evaluate = makeEvaluate(network, { label_smoothing: 0.1, compute_top_5_error_rate: true })
    const before = tf.memory().numTensors
    const whole = evaluate(theta, stats, batch)
    expect(tf.memory().numTensors).toBe(before + 1)
    const all = await read(whole)
    const first = await read(evaluate(theta, stats, batch, tf.tensor1d([1, 1, 0, 0, 0])))
    const rest = await read(evaluate(theta, stats, batch, tf.tensor1d([0, 0, 1, 1, 1])))
    all.forEach((value, i) => {
      expect(first[i] + rest[i]).toBeCloseTo(value, 5)
    })
    expect(all[2]).toBeLessThanOrEqual(all[1])
    // The result for one image does not depend on its neighbours: running statistics are used.
    const one = {
      images: tf.slice4d(batch.images, [0, 0, 0, 0], [2, 8, 8, 1]),
      labels: tf.slice2d(batch.labels, [0, 0], [2, 7]),
    }
    expect((await read(evaluate(theta, stats, one)))[0]).toBeCloseTo(first[0], 5)
  })
})
