/** The norm of a flat vector [P], and what clipping by it comes to; all of it on the device. */
import * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'

export const CLIPPED_NORM = 'BasinClippedNorm'

/** What clipping to a global norm makes of a vector; `factor` is what to multiply it with. */
export interface ClippedNorm {
  norm: tf.Scalar
  factor: tf.Scalar
  clipped: tf.Scalar
}

/**
 * ‖v‖₂, and factor = limit/max(‖v‖, limit), exactly 1 below the limit; a limit of 0 does not clip.
 * Source of the clipping: Pascanu et al. 2013, alg. 1.
 */
export function clippedNorm(v: tf.Tensor1D, limit: number): ClippedNorm {
  if (tf.engine().state.gradientDepth === 0 && canFuse(CLIPPED_NORM, v)) {
    const [norm, factor, clipped] = runFused(CLIPPED_NORM, { v }, { limit }) as tf.Scalar[]
    return { norm, factor, clipped }
  }
  const norm: tf.Scalar = tf.sqrt(tf.sum(tf.square(v)))
  if (limit === 0) return { norm, factor: tf.onesLike(norm), clipped: norm }
  const factor: tf.Scalar = tf.div(limit, tf.maximum(norm, limit))
  return { norm, factor, clipped: tf.mul(norm, factor) }
}

/** ‖v‖₂ as a scalar; v [P] float32. */
export const globalNorm = (v: tf.Tensor1D): tf.Scalar => clippedNorm(v, 0).norm
