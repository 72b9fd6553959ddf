/** How the batch of an update is shared out, and what comes of it. */
import * as tf from '../../engine/tf'
import type { Network } from '../models/network'
import type { MethodResult, MethodStep } from '../optim/methods/method'
import type { Slots } from '../optim/slots'
import type { Decay } from './objective'
import type { StepHyper, StepInput } from './types'

/** What an update goes by, mean over the replicas. */
export type BatchGradient = {
  /** L(θ) */
  loss: tf.Scalar
  /** L(θ + ε̂); NaN where it was not measured. */
  perturbedLoss: tf.Scalar
  errorRate: tf.Scalar
  /** [P] */
  gradient: tf.Tensor1D
  /** The method's own, as it leaves them. */
  slots: Slots<tf.Tensor1D>
  /** [R·S]; [S] where replicas share their statistics. */
  batchStats: tf.Tensor1D
}

/** How the batch of a step is shared out, and what runs on each share. */
export interface Shares {
  network: Network
  hyper: StepHyper
  decay: Decay
  input: StepInput
  /** R, and how many neighbours of them take a step together; divides R. */
  count: number
  group: number
  /** The method's step; its slots are means over replicas, and stand beside sums over a group of this size. */
  begin(group: number): MethodStep
}

/** A method may leave out what it did not come by. */
export const complete = ({
  perturbedLoss = tf.scalar(Number.NaN),
  slots = {},
  ...found
}: MethodResult): BatchGradient => ({ ...found, perturbedLoss, slots })
