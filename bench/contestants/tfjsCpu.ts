/** Stock TensorFlow.js in plain JavaScript. */
import '@tensorflow/tfjs-backend-cpu'
import { MEAN, STD } from '../peers/pixels'
import * as tf from '../peers/stockTf'
import { makeTfjsStep } from '../peers/tfjsStep'
import { serve } from './serve'

serve({
  async open() {
    tf.env().set('PROD', true)
    await tf.setBackend('cpu')
    await tf.ready()
    return 'JavaScript'
  },
  make: async (numbers, rho) => makeTfjsStep(numbers, MEAN, STD, rho),
})
