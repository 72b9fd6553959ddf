/** Captured functions beside the same functions called each time, compared bit by bit. */

import { randomStream } from '../../base/random'
import { capture, enableCapture } from '../../engine/capture/capture'
import { meanCrossEntropy } from '../../engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG } from '../config/schema'
import { sliceImages } from '../data/selection/sliceImages'
import { makeEvaluate } from '../evaluation/evaluate'
import { hessianVectorProduct } from '../landscape/hessian'
import { LossProbe } from '../landscape/lossProbe'
import { DEFAULT_MEASURE_SETTINGS } from '../landscape/measures/info'
import { sliceSurface } from '../landscape/measures/surface'
import { gatesOfStep } from '../models/gates'
import { initBatchStats, initTheta } from '../models/init'
import type { Network } from '../models/network'
import { methodSettings } from '../optim/methods'
import { nesterov } from '../optim/optimizers/nesterov'
import { rmsprop } from '../optim/optimizers/rmsprop'
import { disposeBatch } from '../queue/deviceBatch'
import { createTrainState, disposeState, stateTensors } from '../step/state'
import { makeTrainStep } from '../step/step'
import type { DeviceBatch, StepHyper } from '../step/types'
import { syntheticDataset } from './synthetic.testing'

export const HYPERS: Record<string, Partial<StepHyper>> = {
  SGD: {},
  SAM: { sam_rho: 0.1, noWeightDecayOnBn: true, gradientClipping: 5 },
  'SAM with RMSProp and an average': { sam_rho: 0.1, optimizer: rmsprop, emaDecay: 0.9, labelSmoothing: 0.1 },
}

function hyperOf(changes: Partial<StepHyper>): StepHyper {
  return {
    ...methodSettings(DEFAULT_CONFIG),
    sam_rho: 0,
    weightDecay: 0.01,
    noWeightDecayOnBn: false,
    labelSmoothing: 0,
    gradientClipping: 0,
    optimizer: nesterov,
    emaDecay: 0,
    emaWarmupSteps: 3,
    ...changes,
  }
}

/** Images, labels and gates that are drawn anew for every step. */
export function batchOf(network: Network, step: number, n = 4): DeviceBatch {
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

/** What a comparison found; equal to `SAME_BITS` when all is well. */
export interface Comparison {
  /** `step 3, value 17: 0.25 ≠ 0.5`, the first of them. */
  difference?: string
  finite: boolean
  /** Not the same numbers again and again. */
  changed: boolean
  tensorsLeft: number
  /** One side was recorded and the other was not. */
  oneRecorded: boolean
}

export const SAME_BITS: Comparison = {
  difference: undefined,
  finite: true,
  changed: true,
  tensorsLeft: 0,
  oneRecorded: true,
}

const bitsOf = ({ buffer, byteOffset, length }: Float32Array) => new Uint32Array(buffer, byteOffset, length)

function firstDifference(what: string, plain: Float32Array, replayed: Float32Array): string | undefined {
  if (plain.length !== replayed.length) return `${what}: ${plain.length} and ${replayed.length} values`
  const [a, b] = [bitsOf(plain), bitsOf(replayed)]
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return `${what}, value ${i}: ${plain[i]} ≠ ${replayed[i]}`
  }
  return undefined
}

const read = async (tensor: tf.Tensor) => (tensor.size > 0 ? await tensor.data() : []) as Float32Array

/** `fn` with nothing captured. */
async function uncaptured<T>(fn: () => T | Promise<T>): Promise<T> {
  enableCapture(false)
  try {
    return await fn()
  } finally {
    enableCapture(true)
  }
}

/** Two runs from the same weights over the same batches, one of them replayed: every number after every step. */
export async function compareSteps(
  network: Network,
  hyperName: keyof typeof HYPERS,
  steps: number,
  { batchSize, learningRate = 0.1 }: { batchSize?: number; learningRate?: number } = {},
): Promise<Comparison> {
  const before = tf.memory().numTensors
  const hyper = hyperOf(HYPERS[hyperName])
  const make = () => ({
    step: makeTrainStep(network, hyper),
    state: createTrainState(network, hyper, initTheta(network, 3), initBatchStats(network)),
  })
  const [plain, replayed] = [make(), make()]
  const advance = async (run: ReturnType<typeof make>, batch: DeviceBatch, i: number) => {
    const probeRho = hyper.sam_rho === 0 && i % 5 === 0 ? 0.1 / (i + 1) : undefined
    const { state, metrics } = run.step(run.state, batch, { learningRate: learningRate / (i + 1), probeRho })
    disposeState(run.state)
    run.state = state
    const values = [await read(metrics)]
    for (const tensor of stateTensors(state)) values.push(await read(tensor))
    metrics.dispose()
    return values
  }
  let difference: string | undefined
  let [finite, changed] = [true, true]
  for (let i = 0; i < steps && difference === undefined; i++) {
    const batch = batchOf(network, i, batchSize)
    const last = await read(plain.state.theta)
    const expected = await uncaptured(() => advance(plain, batch, i))
    const got = await advance(replayed, batch, i)
    difference = expected
      .map((values, k) => firstDifference(`step ${i}, tensor ${k}`, values, got[k]))
      .find(Boolean)
    finite &&= Number.isFinite(expected[0][0]) && expected[1].every(Number.isFinite)
    changed &&= firstDifference('θ', last, expected[1]) !== undefined
    disposeBatch(batch)
  }
  const oneRecorded = replayed.step.report().recordings > 0 && plain.step.report().recordings === 0
  for (const { state, step } of [plain, replayed]) {
    disposeState(state)
    step.dispose()
  }
  return { difference, finite, changed, oneRecorded, tensorsLeft: tf.memory().numTensors - before }
}

/** One step of its kinds, with a probe where there is one, asked for and not computed. */
function recordStep(network: Network, hyperName: keyof typeof HYPERS): void {
  const hyper = hyperOf(HYPERS[hyperName])
  const step = makeTrainStep(network, hyper)
  const state = createTrainState(network, hyper, initTheta(network, 3), initBatchStats(network))
  const batch = batchOf(network, 0)
  const probeRho = hyper.sam_rho === 0 ? 0.1 : undefined
  step.record(state, batch, { learningRate: 0.1, probeRho })
  disposeBatch(batch)
  disposeState(state)
  step.dispose()
}

/** A captured function over several inputs. */
interface Calls {
  what: string
  count: number
  call(i: number): tf.Tensor
  recordings(): number
  dispose(): void
}

/** Each call, and the same function called. @param recorded the recordings that all calls together make */
async function compareCalls(
  before: number,
  { what, count, call, recordings, dispose }: Calls,
  recorded: number,
): Promise<Comparison> {
  let difference: string | undefined
  let [finite, changed] = [true, true]
  let last: Float32Array | undefined
  for (let i = 0; i < count && difference === undefined; i++) {
    const direct = await uncaptured(() => call(i))
    const again = call(i)
    const values = await read(direct)
    difference = firstDifference(`${what} ${i}`, values, await read(again))
    finite &&= values.every(Number.isFinite)
    changed &&= last === undefined || firstDifference(what, last, values) !== undefined
    last = values
    tf.dispose([direct, again])
  }
  const oneRecorded = recordings() === recorded
  dispose()
  return { difference, finite, changed, oneRecorded, tensorsLeft: tf.memory().numTensors - before }
}

/** Evaluations of other weights and images, with and without a mask in turn. */
function evaluationsOf(network: Network, batchSize: number): Calls {
  const evaluate = makeEvaluate(network, { label_smoothing: 0.1, compute_top_5_error_rate: false })
  const stats = tf.tensor1d(initBatchStats(network))
  const inputs = [0, 1, 2].map((seed) => ({
    theta: tf.tensor1d(initTheta(network, seed)),
    batch: batchOf(network, seed, batchSize),
  }))
  const mask = tf.tensor1d(Array.from({ length: batchSize }, (_, i) => Number(i !== 1)))
  return {
    what: 'evaluation',
    count: 2 * inputs.length,
    call(i) {
      const { theta, batch } = inputs[i >> 1]
      return evaluate(theta, stats, batch, i % 2 === 1 ? mask : undefined)
    },
    recordings: () => evaluate.report().recordings,
    dispose() {
      evaluate.dispose()
      for (const { theta, batch } of inputs) {
        theta.dispose()
        disposeBatch(batch)
      }
      tf.dispose([stats, mask])
    },
  }
}

export async function compareEvaluations(network: Network, batchSize = 4): Promise<Comparison> {
  // With and without a mask.
  return compareCalls(tf.memory().numTensors, evaluationsOf(network, batchSize), 2)
}

/** Computes a surface of nine points, as the page does it. The network's images must be square and of one channel. */
function surfaceOf(network: Network) {
  const dataset = syntheticDataset({ size: network.inputShape[0], classes: network.numClasses })
  const images = sliceImages(dataset.train.count, 8, 1)
  const [theta, batchStats] = [tf.tensor1d(initTheta(network, 3)), tf.tensor1d(initBatchStats(network))]
  let forwards = 0
  const counted: Network = {
    ...network,
    forward(...args) {
      forwards++
      return network.forward(...args)
    },
  }
  const compute = async () => {
    forwards = 0
    const probe = await LossProbe.open(counted, DEFAULT_CONFIG, dataset, images)
    const settings = { ...DEFAULT_MEASURE_SETTINGS, points_2d: 3, num_images: 8 }
    const targets = [{ key: 'sam', config: DEFAULT_CONFIG, network, dataset, probe, theta, batchStats }]
    const { findings } = await sliceSurface({ targets, settings, onProgress() {} })
    probe.dispose()
    return { losses: Float32Array.from(findings[0].values.loss), forwards }
  }
  return { compute, dispose: () => tf.dispose([theta, batchStats]) }
}

export async function compareSurfaces(network: Network): Promise<Comparison> {
  const before = tf.memory().numTensors
  const { compute, dispose } = surfaceOf(network)
  const plain = await uncaptured(compute)
  const replayed = await compute()
  dispose()
  return {
    difference: firstDifference('surface', plain.losses, replayed.losses),
    finite: plain.losses.every(Number.isFinite),
    changed: new Set(plain.losses).size > 4,
    oneRecorded: plain.forwards === 9 && replayed.forwards === 1,
    tensorsLeft: tf.memory().numTensors - before,
  }
}

/** L(θ) of one batch in training mode, as far as batch norm goes, with its gates and their true gradient. */
export function lossOf(network: Network, { images, labels, gates }: DeviceBatch, stats: tf.Tensor1D) {
  return (theta: tf.Tensor1D) => {
    const { logits } = network.forward(theta, stats, images, true, { gates, trueGradient: true })
    return meanCrossEntropy(logits, labels)
  }
}

/** Products of the Hessian with other vectors at other weights. */
function productsOf(network: Network, batchSize: number): Calls {
  const stats = tf.tensor1d(initBatchStats(network))
  const product = ({ theta, v, batch }: { theta: tf.Tensor1D; v: tf.Tensor1D; batch: DeviceBatch }) =>
    hessianVectorProduct(lossOf(network, batch, stats), theta, v)
  const captured = capture(product)
  const inputs = [0, 1].map((seed) => {
    const random = randomStream(seed, 'slices')
    return {
      theta: tf.tensor1d(initTheta(network, seed)),
      v: tf.tensor1d(Float32Array.from({ length: network.params.size }, () => random.normal())),
      batch: batchOf(network, seed, batchSize),
    }
  })
  return {
    what: 'product',
    count: inputs.length,
    call: (i) => captured(inputs[i]),
    recordings: () => captured.report().recordings,
    dispose() {
      captured.dispose()
      for (const { theta, v, batch } of inputs) {
        tf.dispose([theta, v])
        disposeBatch(batch)
      }
      stats.dispose()
    },
  }
}

export async function compareHessianProducts(network: Network, batchSize = 4): Promise<Comparison> {
  return compareCalls(tf.memory().numTensors, productsOf(network, batchSize), 1)
}

/** What the comparisons record, once each and beside nothing. */
export async function recordAll(network: Network): Promise<void> {
  for (const hyper of Object.keys(HYPERS)) recordStep(network, hyper)
  const [evaluations, products, surface] = [
    evaluationsOf(network, 4),
    productsOf(network, 4),
    surfaceOf(network),
  ]
  tf.dispose([evaluations.call(0), evaluations.call(1), products.call(0)])
  await surface.compute()
  for (const each of [evaluations, products, surface]) each.dispose()
}
