/** Stock TensorFlow.js on WebGPU: its own copy of the library and its own kernels. */
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { MEAN, STD } from '../peers/pixels'
import * as tf from '../peers/stockTf'
import { makeTfjsStep } from '../peers/tfjsStep'
import { requestDevice } from './gpuCalls'
import { serve } from './serve'

serve({
  async open() {
    tf.env().set('PROD', true)
    const { device, info, name } = await requestDevice()
    if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu')
    tf.registerBackend('webgpu', () => new WebGPUBackend(device, info), 3)
    await tf.setBackend('webgpu')
    await tf.ready()
    return name
  },
  make: async (numbers, rho) => makeTfjsStep(numbers, MEAN, STD, rho),
})
