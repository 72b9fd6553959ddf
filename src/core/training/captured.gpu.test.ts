/** Replaying a recorded step gives the bits of running tfjs each time, whatever changes between two steps. */
import '@tensorflow/tfjs-backend-webgpu'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import { enableCapture } from '../../engine/capture/capture'
import * as tf from '../../engine/tf'
import { cnnSmall } from '../models/cnnSmall'
import { initBatchStats, initTheta } from '../models/init'
import { mlp } from '../models/mlp'
import type { Network } from '../models/network'
import { wideResnet } from '../models/wideResnet'
import { randomStream } from '../random'
import { createTrainState, disposeState, stateTensors } from './state'
import { type DeviceBatch, makeTrainStep, type StepHyper } from './step'

beforeAll(async () => {
  await initBackend('webgpu')
})
afterAll(() => enableCapture(true))

const STEPS = 20

const networks: Record<string, Network> = {
  mlp: mlp([6, 6, 1], 3, [20, 12]),
  cnn_small: cnnSmall([8, 8, 1], 3, [4, 6], 8),
  WideResnet_mini: wideResnet([4, 4, 1], 3, {
    name: 'WideResnet_mini',
    blocksPerGroup: 2,
    widthMultiplier: 1,
    useAdditionalSkipConnections: false,
  }),
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
  return { images: tf.tensor4d(images, [n, h, w, c]), labels: tf.tensor2d(labels, [n, network.numClasses]) }
}

/** Every number after every step. */
async function trained(network: Network, hyper: StepHyper): Promise<Float32Array[]> {
  const flags = { use_rmsprop: hyper.useRmsprop, ema_decay: hyper.emaDecay }
  const step = makeTrainStep(network, hyper)
  let state = createTrainState(network, flags, initTheta(network, 3), initBatchStats(network))
  const out: Float32Array[] = []
  for (let i = 0; i < STEPS; i++) {
    const batch = batchOf(network, i)
    const probeRho = hyper.rho === 0 && i % 5 === 0 ? 0.1 / (i + 1) : undefined
    const { state: next, metrics } = step(state, batch, { learningRate: 0.1 / (i + 1), probeRho })
    disposeState(state)
    state = next
    const all = tf.tidy(() => tf.concat([metrics, ...stateTensors(state).filter(({ size }) => size > 0)]))
    out.push((await all.data()) as Float32Array)
    tf.dispose([metrics, all, batch.images, batch.labels])
  }
  disposeState(state)
  step.dispose()
  return out
}

const cases = Object.keys(networks).flatMap((network) =>
  Object.keys(hypers).map((hyper) => [network, hyper] as const),
)
// The long one of the large network says nothing that the small ones have not said.
const kept = cases.filter(([network, hyper]) => network !== 'WideResnet_mini' || hyper in { SGD: 0, SAM: 0 })

it.each(kept)('%s, %s', async (name, hyperName) => {
  const network = networks[name]
  const hyper = hyperOf(hypers[hyperName])
  const before = tf.memory().numTensors
  enableCapture(false)
  const plain = await trained(network, hyper)
  enableCapture(true)
  const replayed = await trained(network, hyper)
  expect(tf.memory().numTensors).toBe(before)
  for (let i = 0; i < STEPS; i++) expect(replayed[i], `step ${i}`).toEqual(plain[i])
  expect(plain[STEPS - 1][0]).toBeLessThan(plain[0][0])
})
