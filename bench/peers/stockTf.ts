/** TensorFlow.js as it comes, with nothing of ours registered. This bundle must never import src/engine. */
import '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients'

export * from '@tensorflow/tfjs-core'
