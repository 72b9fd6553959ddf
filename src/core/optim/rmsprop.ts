/** RMSProp with momentum in TensorFlow 1's flavour: mean square starts at one, ε inside the root. */
import * as tf from '../../engine/tf'
import { MOMENTUM } from './sgd'

const DECAY = 0.9
const EPSILON = 1e-3

/**
 * v ← 0.9·v + 0.1·g²;  m ← 0.9·m + g/√(v + 10⁻³);  θ ← θ − η·m
 * @param theta [P]
 * @param momentum [P], zeros at first
 * @param meanSquare [P], ONES at first
 * @param gradient [P]
 * @param learningRate η, a scalar on the device
 */
export function rmspropUpdate(
  theta: tf.Tensor1D,
  momentum: tf.Tensor1D,
  meanSquare: tf.Tensor1D,
  gradient: tf.Tensor1D,
  learningRate: tf.Scalar,
): { theta: tf.Tensor1D; momentum: tf.Tensor1D; meanSquare: tf.Tensor1D } {
  const v: tf.Tensor1D = tf.add(tf.mul(meanSquare, DECAY), tf.mul(tf.square(gradient), 1 - DECAY))
  const update = tf.div(gradient, tf.sqrt(tf.add(v, EPSILON)))
  const m: tf.Tensor1D = tf.add(tf.mul(momentum, MOMENTUM), update)
  return { theta: tf.sub(theta, tf.mul(m, learningRate)), momentum: m, meanSquare: v }
}
