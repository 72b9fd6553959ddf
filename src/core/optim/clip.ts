/** Gradient clipping by global norm. Source: Pascanu et al. 2013, alg. 1. */
import { type ClippedNorm, clippedNorm } from '../../engine/ops/flat/flat'
import type * as tf from '../../engine/tf'

/**
 * By what `gradient` is to be multiplied so that its norm is at most `limit` (exactly 1 where it is shorter); 0 turns
 * clipping off. The update does the multiplying, on its way.
 * @param gradient [P]
 * @returns the factor, the norm, and the norm after clipping (what the reference logs)
 */
export function clipByGlobalNorm(gradient: tf.Tensor1D, limit: number): ClippedNorm {
  return clippedNorm(gradient, limit)
}
