/** What may stand between the layers of our own networks. */
import * as tf from '../../engine/tf'
import type { HiddenActivation } from '../config/activations'

const FUNCTIONS: Record<HiddenActivation, <T extends tf.Tensor>(z: T) => T> = {
  relu: tf.relu,
  tanh: tf.tanh,
  elu: tf.elu,
  sigmoid: tf.sigmoid,
  swish: (z) => tf.mul(z, tf.sigmoid(z)),
}

export const activate = <T extends tf.Tensor>(z: T, activation: HiddenActivation): T =>
  FUNCTIONS[activation](z)
