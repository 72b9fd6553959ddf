/** What an optimizer is: the vectors it keeps, and a pure update of them and of θ. */
import type * as tf from '../../../engine/tf'
import type { RunConfig } from '../../config/schema'
import type { Slot, Slots } from '../slots'

/** θ and every slot under its name, [P] each. */
export type OptimizerVectors = { theta: tf.Tensor1D } & Slots<tf.Tensor1D>

/** What else of a run's settings an update goes by. */
export interface MomentumSettings {
  /** β */
  momentum: number
  /** Steps along g + β·m instead of m; RMSProp has no such step. */
  nesterov: boolean
}

/** The reference's. */
export const USUAL_MOMENTUM: MomentumSettings = { momentum: 0.9, nesterov: true }

export interface Optimizer {
  id: string
  /** The settings that choose it. */
  settings: Pick<RunConfig, 'use_rmsprop'>
  /** In the order in which a Flax checkpoint has them. */
  slots: readonly Slot[]
  /**
   * @param gradient [P], before clipping
   * @param rate η, a scalar on the device so that a recorded step can be replayed with another
   * @param factor what clipping multiplies the gradient with
   * @param momentum fixed for a run; absent: the reference's
   * @returns new vectors; the old ones are the caller's
   */
  update(
    vectors: OptimizerVectors,
    gradient: tf.Tensor1D,
    scalars: { rate: tf.Scalar; factor: tf.Scalar },
    momentum?: MomentumSettings,
  ): OptimizerVectors
}
