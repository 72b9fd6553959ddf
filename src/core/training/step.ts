/**
 * One training step, as the reference does it for one replica: a pure function of state, batch and rates.
 *     SGD   g = ∇(L + decay)(θ)
 *     SAM   g₁ = ∇(L + decay)(θ);  θ̂ = θ + ρ·g₁/‖g₁‖;  g = ∇(L + decay)(θ̂)
 *     clip g, update θ, average.
 * Under SAM the batch-norm statistics of the first pass are kept (clean weights) and the logits of the second.
 * Source: Foret et al. 2020, alg. 1; the reference's training step.
 */
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
import { stateTensors } from './state'
import type { TrainState } from './types'

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

export interface StepInputs {
  learningRate: number
  /** Without SAM: also measure L(θ + ρ·g/‖g‖) at this ρ (one more forward pass, no gradient). */
  probeRho?: number
}

export interface TrainStep {
  /** The new state's tensors are the caller's to dispose, the old one's too. */
  (state: TrainState, batch: DeviceBatch, inputs: StepInputs): { state: TrainState; metrics: tf.Tensor1D }
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

  const step = (state: TrainState, batch: DeviceBatch, inputs: StepInputs) => {
    let next: TrainState | undefined
    const metrics = tf.tidy(() => {
      const targets = smoothLabels(batch.labels, hyper.labelSmoothing)
      const gradientAt = (theta: tf.Tensor1D) =>
        lossAndGradient(network, theta, state.batchStats, batch.images, targets, decay)

      const clean = gradientAt(state.theta)
      const { used, perturbedLoss } =
        hyper.rho > 0 ? ascend(clean) : { used: clean, perturbedLoss: probe(clean) }
      const { gradient, norm } = clipByGlobalNorm(used.gradient, hyper.gradientClipping)
      next = keepState(update(state, gradient, clean.batchStats, inputs.learningRate, hyper))
      const errorRate = tf.mean(errorPerExample(used.logits, batch.labels))
      return tf.stack([clean.loss, perturbedLoss, errorRate, norm, globalNorm(next.theta)]) as tf.Tensor1D

      function ascend(first: LossGradient) {
        const second = gradientAt(perturb(state.theta, first.gradient, hyper.rho))
        return { used: second, perturbedLoss: second.loss }
      }

      function probe(first: LossGradient): tf.Scalar {
        if (inputs.probeRho === undefined) return tf.scalar(Number.NaN)
        const theta = perturb(state.theta, first.gradient, inputs.probeRho)
        return lossOnly(network, theta, state.batchStats, batch.images, targets)
      }
    })
    return { state: next!, metrics }
  }
  return Object.assign(step, { dispose: () => mask?.dispose() })
}

function update(
  state: TrainState,
  gradient: tf.Tensor1D,
  batchStats: tf.Tensor1D,
  learningRate: number,
  hyper: StepHyper,
): TrainState {
  const rate = tf.scalar(learningRate)
  const updated = hyper.useRmsprop
    ? rmspropUpdate(state.theta, state.momentum, state.meanSquare!, gradient, rate)
    : nesterovUpdate(state.theta, state.momentum, gradient, rate)
  const step = state.step + 1
  return { ...updated, batchStats, ema: averaged(state, updated.theta, batchStats, step, hyper), step }
}

function averaged(
  state: TrainState,
  theta: tf.Tensor1D,
  batchStats: tf.Tensor1D,
  step: number,
  hyper: StepHyper,
): TrainState['ema'] {
  if (!state.ema) return undefined
  const decay = tf.scalar(emaDecayAt(step, hyper.emaDecay, hyper.emaWarmupSteps))
  return {
    theta: emaUpdate(state.ema.theta, theta, decay),
    batchStats: emaUpdate(state.ema.batchStats, batchStats, decay),
  }
}

/** Lets the new state outlive the step's tidy. */
function keepState(state: TrainState): TrainState {
  for (const tensor of stateTensors(state)) tf.keep(tensor)
  return state
}
