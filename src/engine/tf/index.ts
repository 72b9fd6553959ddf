/**
 * The one door to TensorFlow.js: tfjs-core with every gradient registered (those of gradients come with the ops:
 * ops/index.ts). Importing it from elsewhere risks a second copy of the library, whose tape and kernels know nothing of the first.
 */
// First the library itself: registering a gradient asks for flags that its own start defines.
import '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops'
import './gradients'

export * from '@tensorflow/tfjs-core'
export { logSoftmax } from './gradients'
