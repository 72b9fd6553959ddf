/**
 * One training step, as the reference does it: a pure function of state, batch and rates, all of them tensors, so
 * that it can be recorded once and replayed with other values.
 *     g, by the method (optim/methods), mean over replicas (gradients.ts)
 *     clip g, update θ (optim/optimizers), average.
 * Source: Foret et al. 2020, alg. 1; the reference's training step.
 */
import { type Captured, type CaptureReport, capture } from '../../engine/capture/capture'
import { clippedNorm, globalNorm } from '../../engine/ops/norm/norm'
import * as tf from '../../engine/tf'
import type { RunConfig } from '../config/schema'
import type { Network } from '../models/network'
import { EMA_WARMUP_STEPS, emaDecayAt, emaUpdate } from '../optim/ema'
import { methodOf } from '../optim/methods'
import type { MethodSettings } from '../optim/methods/method'
import { optimizerOf } from '../optim/optimizers'
import { batchGradient } from './gradients'
import { type Decay, decayMask } from './objective'
import { type ReplicaConfig, replicasOf } from './replicas'
import type {
  DeviceBatch,
  StateTensors,
  StepHyper,
  StepInput,
  StepNumbers,
  StepRates,
  TrainState,
} from './types'

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
    | keyof MethodSettings
    | keyof ReplicaConfig
  >,
): StepHyper {
  return {
    sam_rho: config.sam_rho,
    weightDecay: config.weight_decay,
    noWeightDecayOnBn: config.no_weight_decay_on_bn,
    labelSmoothing: config.label_smoothing,
    gradientClipping: config.gradient_clipping,
    optimizer: optimizerOf(config),
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

  const method = methodOf(hyper)
  const recorded = new Map<string, Captured<StepInput, StepOutput>>()
  /** The function of the update after `done` others: one for every phase of the method. */
  const runAt = (done: number) => {
    const phase = method.phaseOf?.(hyper, done) ?? ''
    const run =
      recorded.get(phase) ?? capture((input: StepInput) => trainStep(network, hyper, decay, input, phase))
    recorded.set(phase, run)
    return run
  }
  const withRates = <T>(done: number, numbers: StepNumbers, use: (rates: StepRates) => T): T => {
    const rates = ratesOf(hyper, numbers, done)
    try {
      return use(rates)
    } finally {
      tf.dispose(rates as unknown as tf.TensorContainerObject)
    }
  }

  const step = ({ step: done, ...state }: TrainState, batch: DeviceBatch, numbers: StepNumbers) =>
    withRates(done, numbers, (rates) => {
      const output = runAt(done)({ state, batch, rates })
      return { state: { ...output.state, step: done + 1 }, metrics: output.metrics }
    })
  const prepare = ({ step: done, ...state }: TrainState, batch: DeviceBatch, numbers: StepNumbers) =>
    withRates(done, numbers, (rates) => runAt(done).prepare({ state, batch, rates }))
  const report = (): CaptureReport => {
    const all = [...recorded.values()].map((run) => run.report())
    return {
      recordings: all.reduce((sum, { recordings }) => sum + recordings, 0),
      dispatches: all.flatMap(({ dispatches }) => dispatches),
      bytes: all.flatMap(({ bytes }) => bytes),
    }
  }
  const dispose = () => {
    for (const run of recorded.values()) run.dispose()
    mask?.dispose()
  }
  return Object.assign(step, { prepare, report, dispose })
}

/** @param done completed updates */
function ratesOf(hyper: StepHyper, numbers: StepNumbers, done: number): StepRates {
  const { emaDecay, emaWarmupSteps } = hyper
  const own = methodOf(hyper).scalars(hyper, { ...numbers, step: done })
  return {
    learningRate: tf.scalar(numbers.learningRate),
    method: Object.fromEntries(Object.entries(own).map(([name, value]) => [name, tf.scalar(value)])),
    ...(emaDecay > 0 && { emaDecay: tf.scalar(emaDecayAt(done + 1, emaDecay, emaWarmupSteps)) }),
  }
}

/** The step itself, as a function of tensors. Everything it returns is the caller's to dispose. */
function trainStep(
  network: Network,
  hyper: StepHyper,
  decay: Decay,
  { state, batch, rates }: StepInput,
  phase: string,
): StepOutput {
  return tf.tidy((): StepOutput => {
    const mean = batchGradient(network, hyper, decay, { state, batch, rates }, phase)
    const { factor, clipped } = clippedNorm(mean.gradient, hyper.gradientClipping)
    const vectors = { ...state.slots, theta: state.theta }
    const { theta, ...slots } = hyper.optimizer.update(vectors, mean.gradient, {
      rate: rates.learningRate,
      factor,
    })
    const { loss, perturbedLoss, errorRate, batchStats } = mean
    const next = { theta, slots: { ...slots, ...mean.slots }, batchStats }
    const ema = state.ema && {
      theta: emaUpdate(state.ema.theta, theta, rates.emaDecay!),
      batchStats: emaUpdate(state.ema.batchStats, batchStats, rates.emaDecay!),
    }
    const metrics = tf.stack([loss, perturbedLoss, errorRate, clipped, globalNorm(theta)])
    return { state: ema ? { ...next, ema } : next, metrics: metrics as tf.Tensor1D }
  })
}
