/** Registers the gradients that make ∇⟨∇L, v⟩ exist and be right on every backend; after tfjs' own. */
import * as tf from '@tensorflow/tfjs-core'
import { OF_GRADIENTS } from '../ops/convolution/gradients'
import { FROM_INPUTS } from './gradients'

for (const config of [...FROM_INPUTS, ...OF_GRADIENTS]) {
  if (tf.getGradient(config.kernelName)) tf.unregisterGradient(config.kernelName)
  tf.registerGradient(config)
}
