/**
 * One training step, as the reference does it: a pure function of state, batch and rates, all of them tensors, so
 * that it can be recorded once and replayed with other values.
 *     SGD   g = ∇(L + decay)(θ)
 *     SAM   g₁ = ∇(L + decay)(θ);  θ̂ = θ + ρ·g₁/‖g₁‖;  g = ∇(L + decay)(θ̂)      (gradients.ts)
 *     clip g, update θ, average.
 * Source: Foret et al. 2020, alg. 1; the reference's training step.
 */
import { type CaptureReport, capture } from '../../engine/capture/capture'
import * as tf from '../../engine/tf'
import type { RunConfig } from '../config/schema'
import type { Network } from '../models/network'
import { clipByGlobalNorm } from '../optim/clip'
import { EMA_WARMUP_STEPS, emaDecayAt, emaUpdate } from '../optim/ema'
import { globalNorm } from '../optim/norm'
import { rmspropUpdate } from '../optim/rmsprop'
import { nesterovUpdate } from '../optim/sgd'
import { batchGradient } from './gradients'
import { type Decay, decayMask } from './objective'
import { type ReplicaConfig, replicasOf } from './replicas'
import type { DeviceBatch, StepHyper, StepInput, StepNumbers, StepRates } from './stepTypes'
import type { StateTensors, TrainState } from './types'

export type StepOutput = {
  state: StateTensors
  /** [5], see unpackStepMetrics */
  metrics: tf.Tensor1D
}

export interface TrainStep {
  /** The new state's tensors are the caller's to dispose, the old one's too. */
  (state: TrainState, batch: DeviceBatch, numbers: StepNumbers): { state: TrainState; metrics: tf.Tensor1D }
  /** Makes known what a step on such a batch runs; computes nothing. */
  prepare(state: TrainState, batch: DeviceBatch, numbers: StepNumbers): void
  /** What its recordings hold on the device. */
  report(): CaptureReport
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
    | 'from_pretrained_checkpoint'
    | keyof ReplicaConfig
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
    replicas: replicasOf(config),
    frozenStatistics: config.from_pretrained_checkpoint,
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
    try {
      const output = run({ state: tensors, batch, rates })
      return { state: { ...output.state, step: done + 1 }, metrics: output.metrics }
    } finally {
      tf.dispose(Object.values(rates))
    }
  }
  const prepare = ({ step: done, ...tensors }: TrainState, batch: DeviceBatch, numbers: StepNumbers) => {
    const rates = ratesOf(hyper, numbers, done + 1)
    try {
      run.prepare({ state: tensors, batch, rates })
    } finally {
      tf.dispose(Object.values(rates))
    }
  }
  const dispose = () => {
    run.dispose()
    mask?.dispose()
  }
  return Object.assign(step, { prepare, report: run.report, dispose })
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
  decay: Decay,
  { state, batch, rates }: StepInput,
): StepOutput {
  return tf.tidy((): StepOutput => {
    const mean = batchGradient(network, hyper, decay, { state, batch, rates })
    const { factor, clipped } = clipByGlobalNorm(mean.gradient, hyper.gradientClipping)
    const next = update(state, { gradient: mean.gradient, clip: factor }, mean.batchStats, rates, hyper)
    const { loss, perturbedLoss, errorRate } = mean
    const metrics = tf.stack([loss, perturbedLoss, errorRate, clipped, globalNorm(next.theta)])
    return { state: next, metrics: metrics as tf.Tensor1D }
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
