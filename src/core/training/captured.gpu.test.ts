/** Replaying a recorded step gives the bits of running tfjs each time, whatever changes between two steps. */
import '@tensorflow/tfjs-backend-webgpu'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import { enableCapture } from '../../engine/capture/capture'
import * as tf from '../../engine/tf'
import type { ModelName } from '../config/models'
import { DEFAULT_CONFIG } from '../config/schema'
import { cnnSmall } from '../models/cnnSmall'
import { gatesOfStep } from '../models/gates'
import { initBatchStats, initTheta } from '../models/init'
import { mlp } from '../models/mlp'
import type { Network } from '../models/network'
import { createNetwork } from '../models/registry'
import { randomStream } from '../random'
import { disposeBatch } from './deviceBatch'
import { createTrainState, disposeState, stateTensors } from './state'
import { makeTrainStep } from './step'
import type { DeviceBatch, StepHyper } from './stepTypes'

beforeAll(async () => {
  await initBackend('webgpu')
})
afterAll(() => enableCapture(true))

const STEPS = 20
/** Deep networks of the same layers, two gradients a step: enough to see that their gates are inputs. */
const FEW = 3

const build = (name: ModelName) =>
  createNetwork({ ...DEFAULT_CONFIG, model_name: name }, { height: 4, width: 4, channels: 1 }, 3)

const networks: Record<string, Network> = {
  mlp: mlp([6, 6, 1], 3, [20, 12]),
  cnn_small: cnnSmall([8, 8, 1], 3, [4, 6], 8),
  WideResnet_mini: build('WideResnet_mini'),
  WideResnet_ShakeShake_mini: build('WideResnet_ShakeShake_mini'),
}

const hypers: Record<string, Partial<StepHyper>> = {
  SGD: {},
  SAM: { rho: 0.1, noWeightDecayOnBn: true, gradientClipping: 5 },
  'SAM with RMSProp and an average': { rho: 0.1, useRmsprop: true, emaDecay: 0.9, labelSmoothing: 0.1 },
}

function hyperOf(changes: Partial<StepHyper>): StepHyper {
  return {
    rho: 0,
    weightDecay: 0.01,
    noWeightDecayOnBn: false,
    labelSmoothing: 0,
    gradientClipping: 0,
    useRmsprop: false,
    emaDecay: 0,
    emaWarmupSteps: 3,
    ...changes,
  }
}

function batchOf(network: Network, step: number): DeviceBatch {
  const n = 4
  const random = randomStream(step, 'order')
  const [h, w, c] = network.inputShape
  const images = Float32Array.from({ length: n * h * w * c }, () => random.normal())
  const labels = new Float32Array(n * network.numClasses)
  for (let i = 0; i < n; i++) labels[i * network.numClasses + random.int(network.numClasses)] = 1
  const { width } = network.gates
  return {
    images: tf.tensor4d(images, [n, h, w, c]),
    labels: tf.tensor2d(labels, [n, network.numClasses]),
    ...(width > 0 && { gates: tf.tensor2d(gatesOfStep(network.gates, n, 1, step), [n, width]) }),
  }
}

/** Every number after every step. */
async function trained(network: Network, hyper: StepHyper, steps: number): Promise<Float32Array[]> {
  const flags = { use_rmsprop: hyper.useRmsprop, ema_decay: hyper.emaDecay }
  const step = makeTrainStep(network, hyper)
  let state = createTrainState(network, flags, initTheta(network, 3), initBatchStats(network))
  const out: Float32Array[] = []
  for (let i = 0; i < steps; i++) {
    const batch = batchOf(network, i)
    const probeRho = hyper.rho === 0 && i % 5 === 0 ? 0.1 / (i + 1) : undefined
    const { state: next, metrics } = step(state, batch, { learningRate: 0.1 / (i + 1), probeRho })
    disposeState(state)
    state = next
    const all = tf.tidy(() => tf.concat([metrics, ...stateTensors(state).filter(({ size }) => size > 0)]))
    out.push((await all.data()) as Float32Array)
    tf.dispose([metrics, all])
    disposeBatch(batch)
  }
  disposeState(state)
  step.dispose()
  return out
}

const all = Object.keys(hypers)
const cases: [network: string, hypers: string[], steps: number][] = [
  ['mlp', all, STEPS],
  ['cnn_small', all, STEPS],
  ['WideResnet_mini', ['SGD', 'SAM'], STEPS],
  ['WideResnet_ShakeShake_mini', ['SAM'], FEW],
]

it.each(cases.flatMap(([network, names, steps]) => names.map((hyper) => [network, hyper, steps] as const)))(
  '%s, %s, %i steps',
  async (name, hyperName, steps) => {
    const network = networks[name]
    const hyper = hyperOf(hypers[hyperName])
    const before = tf.memory().numTensors
    enableCapture(false)
    const plain = await trained(network, hyper, steps)
    enableCapture(true)
    const replayed = await trained(network, hyper, steps)
    expect(tf.memory().numTensors).toBe(before)
    for (let i = 0; i < steps; i++) expect(replayed[i], `step ${i}`).toEqual(plain[i])
    // Something was learned, and no step left the numbers.
    expect(plain.every((values) => Number.isFinite(values[0]))).toBe(true)
    expect(plain[steps - 1].slice(5)).not.toEqual(plain[0].slice(5))
  },
  300_000,
)
