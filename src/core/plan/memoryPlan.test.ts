import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { bytesText } from '../../base/units'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { makeEvaluate } from '../evaluation/evaluate'
import { EVALUATION_BATCH, evaluationBatch, mapBytes } from '../evaluation/evaluationBatch'
import { initBatchStats, initTheta } from '../models/init'
import { createNetwork } from '../models/registry'
import { createTrainState, disposeState } from '../step/state'
import { hyperOf, makeTrainStep } from '../step/step'
import { planRun } from './runPlan'

const CIFAR = { height: 32, width: 32, channels: 3, numClasses: 10 }
const config = (changes: Partial<RunConfig>): RunConfig => ({
  ...DEFAULT_CONFIG,
  runs: '',
  check_resolution: false,
  ...changes,
})
const GPU = (budget: number, largestTensor = 2 ** 40, largestBuffer = largestTensor) => ({
  backend: 'webgpu' as const,
  memory: { budget, largestTensor, largestBuffer, source: 'assumed' as const },
})

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** Most bytes of live tensors during `work`, beyond those that lived before. */
function peakOf(work: () => void, before = tf.memory().numBytes): number {
  const engine = tf.engine() as unknown as {
    state: { numBytes: number }
    trackTensor(...args: unknown[]): void
  }
  let peak = 0
  const { trackTensor } = engine
  engine.trackTensor = function (...args) {
    trackTensor.apply(this, args)
    peak = Math.max(peak, this.state.numBytes - before)
  }
  try {
    work()
  } finally {
    engine.trackTensor = trackTensor
  }
  return peak
}

/** Of a step, the state before it included. */
function measuredPeak(settings: RunConfig, side: number): number {
  const network = createNetwork(settings, { height: side, width: side, channels: 3 }, 10)
  const before = tf.memory().numBytes
  const hyper = hyperOf(settings)
  const state = createTrainState(network, hyper, initTheta(network, 0), initBatchStats(network))
  const step = makeTrainStep(network, hyper)
  const n = settings.batch_size
  const batch = {
    images: tf.zeros([n, side, side, 3]) as tf.Tensor4D,
    labels: tf.oneHot(tf.zeros([n], 'int32') as tf.Tensor1D, 10, 1, 0, 'float32') as tf.Tensor2D,
  }
  const peak = peakOf(() => {
    const { state: next, metrics } = step(state, batch, { learningRate: 0.1 })
    disposeState(next)
    metrics.dispose()
  }, before)
  tf.dispose(Object.values(batch))
  disposeState(state)
  step.dispose()
  return peak
}

describe('the plan', () => {
  it.each([
    ['cnn_small', 16, 8, 0],
    ['cnn_small', 8, 32, 0.05],
    ['WideResnet_mini', 8, 2, 0.05],
  ] as const)(
    'of %s on %i pixels, batch %i, ρ %f is at least what a step takes, and not far more',
    (...run) => {
      const [model_name, side, batch_size, sam_rho] = run
      const settings = config({ model_name, batch_size, sam_rho, perturbed_loss_every: 0 })
      const image = { height: side, width: side, channels: 3 }
      const { memory } = planRun(settings, () => ({ ...image, numClasses: 10 }), { backend: 'cpu' })
      const peak = measuredPeak(settings, side)
      // A step alone holds one state, a session three.
      const ofStep = memory.total - memory.evaluation - (2 / 3) * memory.state
      expect(ofStep).toBeGreaterThanOrEqual(0.9 * peak)
      expect(ofStep).toBeLessThan(4 * peak)
    },
  )

  it('takes a replica’s part of the batch for activations, and the whole where batch norm looks at all', () => {
    const of = (model_name: RunConfig['model_name'], num_replicas: number) =>
      planRun(config({ model_name, batch_size: 128, num_replicas }), () => CIFAR, GPU(1e15)).memory
    const [one, eight] = [of('WideResnet28x10', 1), of('WideResnet28x10', 8)]
    // The batch itself lies there whole.
    expect(eight.activations / one.activations).toBeCloseTo(1 / 8, 2)
    expect(of('efficientnet-b0', 8).activations).toBe(of('efficientnet-b0', 1).activations)
    expect(of('efficientnet-b0', 8).working).toBeGreaterThan(of('efficientnet-b0', 1).working)
  })

  it.each([
    'cnn_small',
    'WideResnet_mini',
    'WideResnet_ShakeShake_mini',
    'Pyramid_ShakeDrop_mini',
    'Resnet50',
    'efficientnet-b0',
  ] as const)('of %s has room for an evaluation, which holds a few maps and not all', (model_name) => {
    const settings = config({ model_name })
    const side = 16
    const network = createNetwork(settings, { height: side, width: side, channels: 3 }, 10)
    const n = 2
    const tensors = [
      tf.tensor1d(initTheta(network, 0)),
      tf.tensor1d(initBatchStats(network)),
      tf.zeros([n, side, side, 3]),
      tf.zeros([n, 10]),
    ] as [tf.Tensor1D, tf.Tensor1D, tf.Tensor4D, tf.Tensor2D]
    const [theta, batchStats, images, labels] = tensors
    const evaluate = makeEvaluate(network, settings)
    const peak = peakOf(() => evaluate(theta, batchStats, { images, labels }).dispose())
    evaluate.dispose()
    tf.dispose(tensors)
    const { memory } = planRun(
      settings,
      () => ({ height: side, width: side, channels: 3, numClasses: 10 }),
      GPU(1e15),
    )
    // Whole and in pieces.
    const vectors = 8 * (network.params.size + network.stats.size)
    const mapsOfPlan =
      (memory.evaluation - 8 * network.params.size) / evaluationBatch(network, EVALUATION_BATCH)
    expect(peak - vectors).toBeLessThan(n * mapsOfPlan)
    const all = network.layers.reduce((sum, { out }) => sum + 4 * n * out.reduce((a, b) => a * b, 1), 0)
    if (network.layers.length > 20) expect(peak - vectors).toBeLessThan(all)
  })

  it('keeps an evaluation’s tensors to what every device binds, and its images to one at least', () => {
    for (const [model_name, side] of [
      ['WideResnet28x10', 32],
      ['Pyramid_ShakeDrop', 32],
      ['Resnet50', 224],
      ['efficientnet-b7', 600],
      ['efficientnet-l2', 800],
    ] as const) {
      const network = createNetwork(config({ model_name }), { height: side, width: side, channels: 3 }, 10)
      const count = evaluationBatch(network, EVALUATION_BATCH)
      expect(count).toBeGreaterThanOrEqual(1)
      if (count > 1) expect(count * mapBytes(network)).toBeLessThanOrEqual(2 ** 25)
    }
    const small = createNetwork(config({ model_name: 'mlp' }), CIFAR, 10)
    expect(evaluationBatch(small, EVALUATION_BATCH)).toBe(250)
  })

  it('counts the vectors of optimizer, average and both runs', () => {
    const state = (changes: Partial<RunConfig>) =>
      planRun(config({ model_name: 'mlp', ...changes }), () => CIFAR, GPU(1e15)).memory.state
    const one = state({})
    expect(state({ runs: 'sam_rho:0;' })).toBe(2 * one)
    expect(state({ use_rmsprop: true })).toBe(1.5 * one)
    expect(state({ ema_decay: 0.9, use_rmsprop: true })).toBe(2 * one)
  })
})

describe('a run that cannot fit', () => {
  const problem = (changes: Partial<RunConfig>, budget: number, largest?: number) =>
    planRun(
      config({ model_name: 'WideResnet28x10', batch_size: 128, ...changes }),
      () => CIFAR,
      GPU(budget, largest),
    ).problem

  it('is refused with a batch and a number of replicas that do', () => {
    const refusal = problem({}, 4 * 2 ** 30)!
    expect(refusal.code).toBe('device')
    expect(refusal.message).toMatch(
      /^memory: at most 4.0 GiB \(assumed for this device\), got [\d.]+ GiB: weights/,
    )
    const [, batch, replicas] = /batch_size (\d+), num_replicas (\d+) or a smaller network/.exec(
      refusal.remedy,
    )!
    expect(refusal.remedy).toMatch(/memory_budget_mib/)
    expect(problem({ batch_size: Number(batch) }, 4 * 2 ** 30)).toBeUndefined()
    expect(problem({ num_replicas: Number(replicas) }, 4 * 2 ** 30)).toBeUndefined()
    expect(problem({ batch_size: 2 * Number(batch) }, 4 * 2 ** 30)).toBeDefined()
  })

  it('by its weights alone is only told of a smaller network', () => {
    expect(problem({}, 2 ** 29)!.remedy).toMatch(/^Choose a smaller network\./)
  })

  it('with a tensor beyond the largest buffer says which', () => {
    const refusal = problem({}, 1e15, 2 ** 26)!
    expect(refusal.message).toMatch(/at most 64 MiB on this device, got .* with \d+ MiB/)
    expect(refusal.remedy).not.toMatch(/memory_budget_mib/)
    expect(
      planRun(config({ model_name: 'efficientnet-l2' }), () => CIFAR, GPU(1e15, 2 ** 30)).problem?.message,
    ).toMatch(/got the vector of all weights with 1\.\d GiB/)
  })

  it('may have more weights than the device binds at once, as long as a buffer holds them', () => {
    const [binding, buffer] = [2 ** 27, 2 ** 32]
    const at = (changes: Partial<RunConfig>) =>
      planRun(
        config({ model_name: 'WideResnet28x10', batch_size: 32, ...changes }),
        () => CIFAR,
        GPU(1e15, binding, buffer),
      ).problem
    expect(at({})).toBeUndefined()
    expect(at({ batch_size: 512 })!.message).toMatch(/at most 128 MiB on this device, got .* with \d+ MiB/)
  })

  it('is believed when the settings say that there is more', () => {
    expect(problem({ memory_budget_mib: 200_000 }, 2 ** 30)).toBeUndefined()
    expect(problem({ memory_budget_mib: 100 }, 1e15)!.message).toMatch(
      /at most 100 MiB \(memory_budget_mib\)/,
    )
  })
})

it('bytes in words', () => {
  expect([0, 1023, 1536, 10 * 2 ** 20, 3 * 2 ** 30].map(bytesText)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.5 KiB',
    '10 MiB',
    '3.0 GiB',
  ])
})
