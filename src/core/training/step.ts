/**
 * One training step, as the reference does it for one replica: a pure function of state, batch and rates, all of
 * them tensors, so that it can be recorded once and replayed with other values.
 *     SGD   g = ∇(L + decay)(θ)
 *     SAM   g₁ = ∇(L + decay)(θ);  θ̂ = θ + ρ·g₁/‖g₁‖;  g = ∇(L + decay)(θ̂)
 *     clip g, update θ, average.
 * Under SAM the batch-norm statistics of the first pass are kept (clean weights) and the logits of the second.
 * Source: Foret et al. 2020, alg. 1; the reference's training step.
 */
import { capture } from '../../engine/capture/capture'
import * as tf from '../../engine/tf'
import type { RunConfig } from '../config/schema'
import type { Network } from '../models/network'
import { clipByGlobalNorm } from '../optim/clip'
import { EMA_WARMUP_STEPS, emaDecayAt, emaUpdate } from '../optim/ema'
import { globalNorm } from '../optim/norm'
import { rmspropUpdate } from '../optim/rmsprop'
import { perturb } from '../optim/sam'
import { nesterovUpdate } from '../optim/sgd'
import { errorPerExample, smoothLabels } from './loss'
import { decayMask, type LossGradient, lossAndGradient, lossOnly } from './objective'
import type { StateTensors, TrainState } from './types'

/** What decides the shape of a step; fixed for a run. */
export interface StepHyper {
  /** 0: plain SGD. */
  rho: number
  weightDecay: number
  noWeightDecayOnBn: boolean
  labelSmoothing: number
  /** Global norm; 0 is off. */
  gradientClipping: number
  useRmsprop: boolean
  /** 0: no average. */
  emaDecay: number
  emaWarmupSteps: number
}

export interface DeviceBatch {
  /** [N, H, W, C] normalised */
  images: tf.Tensor4D
  /** [N, classes] one-hot or soft */
  labels: tf.Tensor2D
}

/** The numbers of one step, as the host knows them. */
export interface StepNumbers {
  learningRate: number
  /** Without SAM: also measure L(θ + ρ·g/‖g‖) at this ρ (one more forward pass, no gradient). */
  probeRho?: number
}

/** The same on the device. */
export interface StepRates {
  learningRate: tf.Scalar
  /** Radius of the ascent under SAM, of the probe without; absent: neither. */
  rho?: tf.Scalar
  /** Present where the state has an average. */
  emaDecay?: tf.Scalar
}

/** All that a step reads. Whatever may differ between two steps is a tensor in here. */
export interface StepInput {
  state: StateTensors
  batch: DeviceBatch
  rates: StepRates
}

export type StepOutput = {
  state: StateTensors
  /** [5], see unpackStepMetrics */
  metrics: tf.Tensor1D
}

export interface TrainStep {
  /** The new state's tensors are the caller's to dispose, the old one's too. */
  (state: TrainState, batch: DeviceBatch, numbers: StepNumbers): { state: TrainState; metrics: tf.Tensor1D }
  /** Frees what the step keeps on the device. */
  dispose(): void
}

/** A step's metrics tensor, unpacked: L(θ), L(θ + ε̂) (NaN where not measured), error rate, ‖g‖ clipped, ‖θ‖ after. */
export function unpackStepMetrics(values: ArrayLike<number>) {
  const [loss, perturbedLoss, errorRate, gradientNorm, paramNorm] = Array.from(values)
  return { loss, perturbedLoss, errorRate, gradientNorm, paramNorm }
}

export function hyperOf(
  config: Pick<
    RunConfig,
    | 'weight_decay'
    | 'no_weight_decay_on_bn'
    | 'label_smoothing'
    | 'gradient_clipping'
    | 'use_rmsprop'
    | 'ema_decay'
  >,
  rho: number,
): StepHyper {
  return {
    rho,
    weightDecay: config.weight_decay,
    noWeightDecayOnBn: config.no_weight_decay_on_bn,
    labelSmoothing: config.label_smoothing,
    gradientClipping: config.gradient_clipping,
    useRmsprop: config.use_rmsprop,
    emaDecay: config.ema_decay,
    emaWarmupSteps: EMA_WARMUP_STEPS,
  }
}

/** Builds the step of a run; it reads nothing from the device. */
export function makeTrainStep(network: Network, hyper: StepHyper): TrainStep {
  const maskValues = hyper.weightDecay > 0 ? decayMask(network, hyper.noWeightDecayOnBn) : undefined
  // As long as θ and the same at every step: uploaded once.
  const mask = maskValues && tf.keep(tf.tensor1d(maskValues))
  const decay = { weightDecay: hyper.weightDecay, mask }

  const run = capture((input: StepInput) => trainStep(network, hyper, decay, input))

  const step = (state: TrainState, batch: DeviceBatch, numbers: StepNumbers) => {
    const { step: done, ...tensors } = state
    const rates = ratesOf(hyper, numbers, done + 1)
    const output = run({ state: tensors, batch, rates })
    tf.dispose(Object.values(rates))
    return { state: { ...output.state, step: done + 1 }, metrics: output.metrics }
  }
  const dispose = () => {
    run.dispose()
    mask?.dispose()
  }
  return Object.assign(step, { dispose })
}

/** @param step number of the update these are for, 1 for the first */
function ratesOf(hyper: StepHyper, { learningRate, probeRho }: StepNumbers, step: number): StepRates {
  const rho = hyper.rho > 0 ? hyper.rho : probeRho
  const { emaDecay, emaWarmupSteps } = hyper
  return {
    learningRate: tf.scalar(learningRate),
    ...(rho !== undefined && { rho: tf.scalar(rho) }),
    ...(emaDecay > 0 && { emaDecay: tf.scalar(emaDecayAt(step, emaDecay, emaWarmupSteps)) }),
  }
}

/** The step itself, as a function of tensors. Everything it returns is the caller's to dispose. */
function trainStep(
  network: Network,
  hyper: StepHyper,
  decay: { weightDecay: number; mask?: tf.Tensor1D },
  { state, batch, rates }: StepInput,
): StepOutput {
  return tf.tidy((): StepOutput => {
    const targets = smoothLabels(batch.labels, hyper.labelSmoothing)
    const gradientAt = (theta: tf.Tensor1D) =>
      lossAndGradient(network, theta, state.batchStats, batch.images, targets, decay)

    const clean = gradientAt(state.theta)
    const { used, perturbedLoss } =
      hyper.rho > 0 ? ascend(clean) : { used: clean, perturbedLoss: probe(clean) }
    const { factor, clipped } = clipByGlobalNorm(used.gradient, hyper.gradientClipping)
    const next = update(state, { gradient: used.gradient, clip: factor }, clean.batchStats, rates, hyper)
    const errorRate = tf.mean(errorPerExample(used.logits, batch.labels))
    const metrics = tf.stack([clean.loss, perturbedLoss, errorRate, clipped, globalNorm(next.theta)])
    return { state: next, metrics: metrics as tf.Tensor1D }

    function ascend(first: LossGradient) {
      const second = gradientAt(perturb(state.theta, first.gradient, rates.rho!))
      return { used: second, perturbedLoss: second.loss }
    }

    function probe(first: LossGradient): tf.Scalar {
      if (!rates.rho) return tf.scalar(Number.NaN)
      const theta = perturb(state.theta, first.gradient, rates.rho)
      return lossOnly(network, theta, state.batchStats, batch.images, targets)
    }
  })
}

function update(
  state: StateTensors,
  { gradient, clip }: { gradient: tf.Tensor1D; clip: tf.Scalar },
  batchStats: tf.Tensor1D,
  { learningRate, emaDecay }: StepRates,
  hyper: StepHyper,
): StateTensors {
  const updated = hyper.useRmsprop
    ? rmspropUpdate(state.theta, state.momentum, state.meanSquare!, gradient, learningRate, clip)
    : nesterovUpdate(state.theta, state.momentum, gradient, learningRate, clip)
  const next = { ...updated, batchStats }
  if (!state.ema) return next
  const ema = {
    theta: emaUpdate(state.ema.theta, updated.theta, emaDecay!),
    batchStats: emaUpdate(state.ema.batchStats, batchStats, emaDecay!),
  }
  return { ...next, ema }
}
