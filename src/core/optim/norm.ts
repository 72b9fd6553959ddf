/** The global norm of a flat vector, on the device. */
import { clippedNorm } from '../../engine/ops/flat/flat'
import type * as tf from '../../engine/tf'

/** ‖v‖₂ as a scalar; v [P] float32. */
export function globalNorm(v: tf.Tensor1D): tf.Scalar {
  return clippedNorm(v, 0).norm
}
