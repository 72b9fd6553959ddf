/** What the kinds that train share: settings, and the shipped training step run over a golden's batches. */
import { REFERENCE_DEFAULTS } from '../../../src/core/config/reference'
import { runConfigSchema } from '../../../src/core/config/schema'
import type { Network } from '../../../src/core/models/network'
import { EMA_WARMUP_STEPS } from '../../../src/core/optim/ema'
import type { Slots } from '../../../src/core/optim/slots'
import { createTrainState, disposeState } from '../../../src/core/step/state'
import { hyperOf, makeTrainStep, unpackStepMetrics } from '../../../src/core/step/step'
import type { DeviceBatch, StepHyper, TrainState } from '../../../src/core/step/types'
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import { type GoldenTensor, type Tensors, Unsupported } from '../../golden'
import type { Checks } from '../checks'
import { type NetworkFields, networkFields, networkOf } from '../networks'
import { gather, labelRows, needTensor, row } from '../vectors'

/** Of a case that trains. */
export const trainingFields = {
  network: networkFields,
  /** Flags as the command line has them; one that is absent has the reference's default. */
  settings: z.record(z.string(), z.unknown()),
  /** As the goldens were made with; absent: the reference's. */
  ema_warmup_steps: z.number().optional(),
}

/** What the reference logs of a step, the mean over replicas. */
const metric = z.number().nullable().optional()
const stepMetrics = {
  train_loss: metric,
  train_error_rate: metric,
  gradient_norm: metric,
  param_norm: metric,
}

export const stepFields = z.strictObject({ learning_rate: z.number().nullable(), ...stepMetrics })

export type StepFields = z.infer<typeof stepFields>
export type Metric = keyof typeof stepMetrics
export const METRICS = Object.keys(stepMetrics) as Metric[]

/** @throws ZodError for a setting that there is none of, or a value out of its range */
export function hyperOfSettings(one: {
  settings: Record<string, unknown>
  ema_warmup_steps?: number
}): StepHyper {
  const config = runConfigSchema.parse({ ...REFERENCE_DEFAULTS, ...one.settings })
  return { ...hyperOf(config), emaWarmupSteps: one.ema_warmup_steps ?? EMA_WARMUP_STEPS }
}

/** Numbers of one step under the reference's names. */
export type StepNumbers = Record<Metric, number>

/** Compares what the golden has of a step. */
export function compareStep(
  checks: Checks,
  step: number,
  numbers: StepNumbers,
  expected: StepFields,
  tolerance: (name: Metric) => number,
): void {
  for (const name of METRICS) {
    const wanted = expected[name]
    if (wanted !== undefined) checks.scalar(`step ${step}/${name}`, numbers[name], wanted, tolerance(name))
  }
}

/** A state's vectors on this side of the device. */
export interface StateArrays {
  theta: Float32Array
  /** What the optimizer keeps, by name. */
  slots: Slots<Float32Array>
  /** [R·S] */
  batchStats: Float32Array
  ema?: { theta: Float32Array; batchStats: Float32Array }
}

export interface Replay {
  network: Network
  hyper: StepHyper
  theta: Float32Array
  batchStats: Float32Array
  rates: readonly number[]
  /** Of the run; needed where its method is on for a part of it. */
  totalSteps?: number
  batch(step: number): DeviceBatch
  /** Called after every step. */
  after(step: number, numbers: StepNumbers, state: TrainState): Promise<void>
}

/** Every tensor is freed when it resolves, the batches that `batch` makes too. */
export async function replay({
  network,
  hyper,
  theta,
  batchStats,
  rates,
  totalSteps,
  batch,
  after,
}: Replay): Promise<void> {
  const train = makeTrainStep(network, hyper)
  let state = createTrainState(network, hyper, theta, batchStats)
  try {
    for (let step = 0; step < rates.length; step++) {
      const here = batch(step)
      const result = train(state, here, { learningRate: rates[step], totalSteps })
      tf.dispose([here.images, here.labels])
      disposeState(state)
      state = result.state
      const { loss, perturbedLoss, errorRate, gradientNorm, paramNorm } = unpackStepMetrics(
        await result.metrics.data(),
      )
      result.metrics.dispose()
      // The reference logs the loss of the logits that it keeps: under SAM those of the last pass.
      const numbers = {
        train_loss: Number.isNaN(perturbedLoss) ? loss : perturbedLoss,
        train_error_rate: errorRate,
        gradient_norm: gradientNorm,
        param_norm: paramNorm,
      }
      await after(step, numbers, state)
    }
  } finally {
    disposeState(state)
    train.dispose()
  }
}

export async function stateArrays(state: TrainState): Promise<StateArrays> {
  const read = async (tensor: tf.Tensor1D) => (await tensor.data()) as Float32Array
  const slots: Slots<Float32Array> = {}
  for (const [name, vector] of Object.entries(state.slots)) slots[name] = await read(vector)
  return {
    theta: await read(state.theta),
    slots,
    batchStats: await read(state.batchStats),
    ema: state.ema && {
      theta: await read(state.ema.theta),
      batchStats: await read(state.ema.batchStats),
    },
  }
}

/** Batch `step` of images [steps, n, H, W, C] and labels [steps, n] (classes) or [steps, n, classes] (rows). */
export function batchAt(
  { images, labels }: { images: GoldenTensor; labels: GoldenTensor },
  step: number,
  classes: number,
): DeviceBatch {
  if (images.shape.length !== 5) throw new Unsupported(`images: [steps, n, H, W, C], got [${images.shape}]`)
  if (step >= images.shape[0]) throw new Unsupported(`step ${step}: there are ${images.shape[0]} batches`)
  const [n, height, width, channels] = images.shape.slice(1)
  return {
    images: tf.tensor4d(row(images, step), [n, height, width, channels]),
    labels: labelRows(row(labels, step), n, classes),
  }
}

/** Where a trajectory begins: weights, statistics and batches as stored. */
export function startOf(fields: NetworkFields, tensors: Tensors) {
  const network = networkOf(fields)
  if (network.gates.width > 0) throw new Unsupported(`${network.name} in training mode without its draws`)
  const images = needTensor(tensors, 'images')
  const labels = needTensor(tensors, 'labels')
  return {
    network,
    theta: gather(network.params, tensors, 'init/'),
    batchStats: gather(network.stats, tensors, 'init_state/', ({ name, size }) =>
      new Float32Array(size).fill(name.endsWith(':var') ? 1 : 0),
    ),
    batch: (step: number) => batchAt({ images, labels }, step, network.numClasses),
  }
}

export type Start = ReturnType<typeof startOf>
