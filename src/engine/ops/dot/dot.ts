/** The inner product of two flat vectors [P], on the device. */
import * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'

export const DOT = 'BasinDot'

/** ⟨a, b⟩ as a scalar; both [P] float32. */
export function dotProduct(a: tf.Tensor1D, b: tf.Tensor1D): tf.Scalar {
  if (tf.engine().state.gradientDepth === 0 && canFuse(DOT, a, b))
    return runFused(DOT, { a, b })[0] as tf.Scalar
  return tf.sum(tf.mul(a, b))
}
