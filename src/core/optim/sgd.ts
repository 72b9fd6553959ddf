/** SGD with Nesterov momentum. Source: Sutskever et al. 2013, in the form the reference's library uses. */
import * as tf from '../../engine/tf'

export const MOMENTUM = 0.9

/**
 * m ← 0.9·m + g;  θ ← θ − η·(g + 0.9·m)
 * @param theta [P]
 * @param momentum [P], zeros at first
 * @param gradient [P]
 * @param learningRate η, a scalar on the device so that a recorded step can be replayed with another
 */
export function nesterovUpdate(
  theta: tf.Tensor1D,
  momentum: tf.Tensor1D,
  gradient: tf.Tensor1D,
  learningRate: tf.Scalar,
): { theta: tf.Tensor1D; momentum: tf.Tensor1D } {
  const m: tf.Tensor1D = tf.add(tf.mul(momentum, MOMENTUM), gradient)
  const direction = tf.add(gradient, tf.mul(m, MOMENTUM))
  return { theta: tf.sub(theta, tf.mul(direction, learningRate)), momentum: m }
}
