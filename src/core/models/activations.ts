/** What may stand between the layers of our own networks. */
import * as tf from '../../engine/tf'

export const HIDDEN_ACTIVATIONS = ['relu', 'tanh', 'elu', 'sigmoid', 'swish'] as const
export type HiddenActivation = (typeof HIDDEN_ACTIVATIONS)[number]

const FUNCTIONS: Record<HiddenActivation, <T extends tf.Tensor>(z: T) => T> = {
  relu: tf.relu,
  tanh: tf.tanh,
  elu: tf.elu,
  sigmoid: tf.sigmoid,
  swish: (z) => tf.mul(z, tf.sigmoid(z)),
}

export const activate = <T extends tf.Tensor>(z: T, activation: HiddenActivation): T =>
  FUNCTIONS[activation](z)
