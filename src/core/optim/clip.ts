/** Gradient clipping by global norm. Source: Pascanu et al. 2013, alg. 1. */
import * as tf from '../../engine/tf'
import { globalNorm } from './norm'

/**
 * Scales `gradient` down to norm `limit` where it is longer; 0 turns clipping off.
 * @param gradient [P]
 * @returns the gradient, and its norm after clipping (what the reference logs)
 */
export function clipByGlobalNorm(
  gradient: tf.Tensor1D,
  limit: number,
): { gradient: tf.Tensor1D; norm: tf.Scalar } {
  const norm = globalNorm(gradient)
  if (limit === 0) return { gradient, norm }
  // limit / max(norm, limit) is exactly 1 below the limit, so a short gradient keeps its bits.
  const scale = tf.div(limit, tf.maximum(norm, limit))
  return { gradient: tf.mul(gradient, scale), norm: tf.mul(norm, scale) }
}
