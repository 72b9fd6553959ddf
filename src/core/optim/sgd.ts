/** SGD with Nesterov momentum. Source: Sutskever et al. 2013, in the form the reference's library uses. */
import { nesterovStep } from '../../engine/ops/flat/flat'
import type * as tf from '../../engine/tf'

export const MOMENTUM = 0.9

/**
 * g ← clip·g;  m ← 0.9·m + g;  θ ← θ − η·(g + 0.9·m)
 * @param theta [P]
 * @param momentum [P], zeros at first
 * @param gradient [P], before clipping
 * @param learningRate η, a scalar on the device so that a recorded step can be replayed with another
 * @param clip factor of clipByGlobalNorm
 */
export function nesterovUpdate(
  theta: tf.Tensor1D,
  momentum: tf.Tensor1D,
  gradient: tf.Tensor1D,
  learningRate: tf.Scalar,
  clip: tf.Scalar,
): { theta: tf.Tensor1D; momentum: tf.Tensor1D } {
  return nesterovStep({ theta, momentum }, gradient, learningRate, clip, MOMENTUM)
}
