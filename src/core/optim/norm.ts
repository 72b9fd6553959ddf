/** The global norm of a flat vector, on the device. */
import * as tf from '../../engine/tf'

/** ‖v‖₂ as a scalar; v [P] float32. */
export function globalNorm(v: tf.Tensor1D): tf.Scalar {
  return tf.sqrt(tf.sum(tf.square(v)))
}
