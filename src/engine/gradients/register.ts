/** Registers the gradients that make ∇⟨∇L, v⟩ exist and be right on every backend; after tfjs' own. */
import * as tf from '@tensorflow/tfjs-core'
import { FROM_INPUTS } from './fromInputs'
import { OF_GRADIENTS } from './ofGradients'

for (const config of [...FROM_INPUTS, ...OF_GRADIENTS]) {
  if (tf.getGradient(config.kernelName)) tf.unregisterGradient(config.kernelName)
  tf.registerGradient(config)
}
