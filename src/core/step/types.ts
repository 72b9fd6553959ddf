/** What a training step takes and what it changes: the choices fixed for a run, the tensors and numbers of one step. */
import type * as tf from '../../engine/tf'
import type { LossName } from '../config/losses'
import type { MethodSettings } from '../optim/methods'
import type { MomentumSettings, Optimizer } from '../optim/optimizers/optimizer'
import type { Slots } from '../optim/slots'
import type { Replicas } from './replicas'

/** The tensors that a step changes. They are immutable: a step returns new ones and the caller disposes the old. */
export type StateTensors = {
  /** [P] */
  theta: tf.Tensor1D
  /** [P] each, what the optimizer and the method keep. */
  slots: Slots<tf.Tensor1D>
  /** [R·S] batch-norm statistics of the clean weights, one replica after the other. */
  batchStats: tf.Tensor1D
  /** Averages of θ and the statistics; undefined when `ema_decay` = 0. */
  ema?: { theta: tf.Tensor1D; batchStats: tf.Tensor1D }
}

/** Everything a step changes. */
export interface TrainState extends StateTensors {
  /** Completed updates. */
  step: number
}

/** What decides the shape of a step; fixed for a run. The method is the one that takes these settings. */
export interface StepHyper extends MethodSettings {
  weightDecay: number
  noWeightDecayOnBn: boolean
  labelSmoothing: number
  /** Global norm; 0 is off. */
  gradientClipping: number
  optimizer: Optimizer
  /** Absent: the reference's. */
  momentum?: MomentumSettings
  /** Absent: cross-entropy. */
  loss?: LossName
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
  /** Of the run; needed where its method is on for a part of them. */
  totalSteps?: number
  /** Without SAM: also measure L(θ + ρ·g/‖g‖) at this ρ. */
  probeRho?: number
}

/** The same on the device. */
export interface StepRates {
  learningRate: tf.Scalar
  /** What the method asked for. */
  method: Record<string, tf.Scalar>
  /** Present where the state has an average. */
  emaDecay?: tf.Scalar
}

/** All that a step reads. Whatever may differ between two steps is a tensor in here. */
export interface StepInput {
  state: StateTensors
  batch: DeviceBatch
  rates: StepRates
}
