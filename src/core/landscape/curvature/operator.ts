/** What Lanczos and the trace estimates need of a matrix: nothing but its products. */
import type * as tf from '../../../engine/tf'

/** A symmetric matrix [P, P] on the device. */
export interface SymmetricOperator {
  /** P */
  readonly size: number
  /**
   * @param v [P]
   * @returns [P], queued and not awaited; the caller's to dispose
   */
  product(v: tf.Tensor1D): tf.Tensor1D
}
