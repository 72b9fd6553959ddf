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
import type { Network, ParamLayout } from '../models/network'
import { EMA_WARMUP_STEPS, emaDecayAt, emaUpdate } from '../optim/ema'
import { type MethodSettings, methodOf, methodSettings, type Turn, turnAt } from '../optim/methods'
import { optimizerOf } from '../optim/optimizers'
import { batchGradient } from './gradients'
import { type Decay, decayMask } from './objective'
import { type ReplicaConfig, replicasOf } from './replicas'
import type { BatchGradient } from './shares'
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

/** @typeParam B what an update is of */
export interface TrainStep<B = DeviceBatch> {
  /** The new state's tensors are the caller's to dispose, the old one's too. */
  (state: TrainState, batch: B, numbers: StepNumbers): { state: TrainState; metrics: tf.Tensor1D }
  /** Makes known what a step on such a batch runs; computes nothing. */
  record(state: TrainState, batch: B, numbers: StepNumbers): void
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
    | 'momentum'
    | 'nesterov'
    | 'loss'
    | 'ema_decay'
    | 'from_pretrained_checkpoint'
    | keyof MethodSettings
    | keyof ReplicaConfig
  >,
): StepHyper {
  return {
    ...methodSettings(config),
    weightDecay: config.weight_decay,
    noWeightDecayOnBn: config.no_weight_decay_on_bn,
    labelSmoothing: config.label_smoothing,
    gradientClipping: config.gradient_clipping,
    optimizer: optimizerOf(config),
    momentum: { momentum: config.momentum, nesterov: config.nesterov },
    loss: config.loss,
    emaDecay: config.ema_decay,
    emaWarmupSteps: EMA_WARMUP_STEPS,
    replicas: replicasOf(config),
    frozenStatistics: config.from_pretrained_checkpoint,
  }
}

/** Builds the step of a run; it reads nothing from the device. */
export function makeTrainStep(network: Network, hyper: StepHyper): TrainStep {
  const decay = decayOf(network, hyper)
  const masks = methodMasks(network.params, hyper)

  const recorded = new Map<string, Captured<StepInput, StepOutput>>()
  /** The function of such an update: one for every phase of the method, and one for while it is off. */
  const runOf = (turn: Turn) => {
    const kind = `${turn.method.id}/${turn.phase}`
    const run =
      recorded.get(kind) ??
      capture((input: StepInput) => trainStep(network, hyper, { decay, masks, turn }, input))
    recorded.set(kind, run)
    return run
  }
  /** Hands over what an update reads. */
  const withInput = <T>(
    { step: done, ...state }: TrainState,
    batch: DeviceBatch,
    numbers: StepNumbers,
    use: (run: Captured<StepInput, StepOutput>, input: StepInput) => T,
  ): T => {
    const turn = turnAt(hyper, done, numbers.totalSteps)
    const rates = ratesOf(hyper, turn, numbers)
    const slots = slotsRead(hyper, turn, state.slots)
    try {
      return use(runOf(turn), { state: { ...state, slots }, batch, rates })
    } finally {
      tf.dispose(rates as unknown as tf.TensorContainerObject)
    }
  }

  const step = (before: TrainState, batch: DeviceBatch, numbers: StepNumbers) =>
    withInput(before, batch, numbers, (run, input) => {
      const { state, metrics } = run(input)
      return { state: after(before, state), metrics }
    })
  const record = (before: TrainState, batch: DeviceBatch, numbers: StepNumbers) =>
    withInput(before, batch, numbers, (run, input) => run.record(input))
  return Object.assign(step, { record, ...held(() => [...recorded.values()], { decay, masks }) })
}

/** What a step holds on the device, as its report and its end. */
export const held = (
  recorded: () => readonly Pick<Captured<never, never>, 'report' | 'dispose'>[],
  { decay, masks }: Pick<Fixed, 'decay' | 'masks'>,
) => ({
  report(): CaptureReport {
    const all = recorded().map((run) => run.report())
    return {
      recordings: all.reduce((sum, { recordings }) => sum + recordings, 0),
      dispatches: all.flatMap(({ dispatches }) => dispatches),
      bytes: all.flatMap(({ bytes }) => bytes),
    }
  },
  dispose() {
    for (const run of recorded()) run.dispose()
    decay.mask?.dispose()
    tf.dispose(masks)
  },
})

/** Its mask is as long as θ and the same at every step: uploaded once, the caller's to dispose. */
export function decayOf(network: Network, { weightDecay, noWeightDecayOnBn }: StepHyper): Decay {
  const values = weightDecay > 0 ? decayMask(network, noWeightDecayOnBn) : undefined
  return { weightDecay, mask: values && tf.keep(tf.tensor1d(values)) }
}

/** What an update reads: what the method keeps while it is off is no business of SGD's step. */
export function slotsRead(hyper: StepHyper, { method }: Turn, slots: StateTensors['slots']) {
  const read = new Set([...hyper.optimizer.slots, ...method.slots].map(({ name }) => name))
  return Object.fromEntries(Object.entries(slots).filter(([name]) => read.has(name)))
}

/** The state after an update, with the slots that it did not change. */
export function after({ slots, step }: TrainState, state: StateTensors): TrainState {
  const kept = Object.entries(slots).filter(([name]) => !(name in state.slots))
  const clones = Object.fromEntries(kept.map(([name, vector]) => [name, tf.clone(vector)]))
  return { ...state, slots: { ...clones, ...state.slots }, step: step + 1 }
}

/** The same for whoever has batches in a list: of one. */
export function makeBatchStep(network: Network, hyper: StepHyper): TrainStep<readonly DeviceBatch[]> {
  const step = makeTrainStep(network, hyper)
  const ofList: TrainStep<readonly DeviceBatch[]> = Object.assign(
    (...[state, [batch], numbers]: Parameters<TrainStep<readonly DeviceBatch[]>>) =>
      step(state, batch, numbers),
    {
      record: (state: TrainState, [batch]: readonly DeviceBatch[], numbers: StepNumbers) =>
        step.record(state, batch, numbers),
      report: step.report,
      dispose: step.dispose,
    },
  )
  return ofList
}

/** [P] of ones and zeros, as long as the step lives. */
export function methodMasks(params: ParamLayout, hyper: StepHyper): Record<string, tf.Tensor1D> {
  const masks = Object.entries(methodOf(hyper).masks ?? {}).map(([name, holds]) => {
    const values = new Float32Array(params.size)
    for (const piece of params.entries) {
      if (holds(piece, params.entries)) values.fill(1, piece.offset, piece.offset + piece.size)
    }
    return [name, tf.keep(tf.tensor1d(values))]
  })
  return Object.fromEntries(masks)
}

export function ratesOf(hyper: StepHyper, { method, place }: Turn, numbers: StepNumbers): StepRates {
  const { emaDecay, emaWarmupSteps } = hyper
  const own = method.scalars(hyper, { ...numbers, ...place })
  return {
    learningRate: tf.scalar(numbers.learningRate),
    method: Object.fromEntries(Object.entries(own).map(([name, value]) => [name, tf.scalar(value)])),
    ...(emaDecay > 0 && { emaDecay: tf.scalar(emaDecayAt(place.step + 1, emaDecay, emaWarmupSteps)) }),
  }
}

/** What of a step does not change while its recording lives. */
interface Fixed {
  decay: Decay
  masks: Record<string, tf.Tensor1D>
  turn: Turn
}

/** The step itself, as a function of tensors. Everything it returns is the caller's to dispose; slots that it does not change are left out. */
function trainStep(
  network: Network,
  hyper: StepHyper,
  { decay, masks, turn }: Fixed,
  { state, batch, rates }: StepInput,
): StepOutput {
  return tf.tidy(() =>
    updated(hyper, batchGradient(network, hyper, decay, { state, batch, rates }, turn, masks), state, rates),
  )
}

/** What an update makes of its gradient: clip, optimizer, average, and the numbers that are told of it. */
export function updated(
  hyper: StepHyper,
  mean: BatchGradient,
  state: StateTensors,
  rates: StepRates,
): StepOutput {
  return tf.tidy((): StepOutput => {
    const { factor, clipped } = clippedNorm(mean.gradient, hyper.gradientClipping)
    const vectors = { ...state.slots, theta: state.theta }
    const scalars = { rate: rates.learningRate, factor }
    const { theta, ...slots } = hyper.optimizer.update(vectors, mean.gradient, scalars, hyper.momentum)
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
