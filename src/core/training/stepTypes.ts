/** What a training step takes: the choices that are fixed for a run, and the tensors and numbers of one step. */
import type * as tf from '../../engine/tf'
import type { Replicas } from './replicas'
import type { StateTensors } from './types'

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
  /** Absent: one. */
  replicas?: Replicas
  /** Batch norm keeps to its running statistics; scale and shift still train. */
  frozenStatistics?: boolean
}

export interface DeviceBatch {
  /** [N, H, W, C] normalised */
  images: tf.Tensor4D
  /** [N, classes] one-hot or soft */
  labels: tf.Tensor2D
  /** [N, W] draws of the network's stochastic gates, where it has any and the batch is trained on */
  gates?: tf.Tensor2D
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
