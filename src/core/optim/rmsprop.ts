/** RMSProp with momentum in TensorFlow 1's flavour: mean square starts at one, ε = 10⁻³ inside the root. */
import { rmspropStep } from '../../engine/ops/flat/flat'
import type * as tf from '../../engine/tf'
import { MOMENTUM } from './sgd'

const DECAY = 0.9

/**
 * g ← clip·g;  v ← 0.9·v + 0.1·g²;  m ← 0.9·m + g/√(v + 10⁻³);  θ ← θ − η·m
 * @param theta [P]
 * @param momentum [P], zeros at first
 * @param meanSquare [P], ONES at first
 * @param gradient [P], before clipping
 * @param learningRate η, a scalar on the device
 * @param clip factor of clipByGlobalNorm
 */
export function rmspropUpdate(
  theta: tf.Tensor1D,
  momentum: tf.Tensor1D,
  meanSquare: tf.Tensor1D,
  gradient: tf.Tensor1D,
  learningRate: tf.Scalar,
  clip: tf.Scalar,
): { theta: tf.Tensor1D; momentum: tf.Tensor1D; meanSquare: tf.Tensor1D } {
  return rmspropStep({ theta, momentum, meanSquare }, gradient, learningRate, clip, {
    mu: MOMENTUM,
    decay: DECAY,
  })
}
