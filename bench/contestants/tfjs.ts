/** Stock TensorFlow.js on WebGPU: its own copy of the library and its own kernels. */
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { kernelCalls } from '../peers/kernelCalls'
import { MEAN, STD } from '../peers/pixels'
import * as tf from '../peers/stockTf'
import { makeTfjsStep } from '../peers/tfjsStep'
import { provideGpu, requestDevice, watchBuffers } from './gpuCalls'
import { serve } from './serve'

let buffers: ReturnType<typeof watchBuffers>

serve({
  async open() {
    tf.env().set('PROD', true)
    await provideGpu()
    buffers = watchBuffers()
    const { device, info, name } = await requestDevice()
    if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu')
    tf.registerBackend('webgpu', () => new WebGPUBackend(device, info), 3)
    await tf.setBackend('webgpu')
    await tf.ready()
    return name
  },
  make: async (numbers, rho) => makeTfjsStep(numbers, MEAN, STD, rho),
  extra: {
    buffers: async () => buffers(),
    ...kernelCalls(tf, () => {
      const backend = tf.backend() as WebGPUBackend
      backend.endComputePassEncoder()
      backend.ensureCommandEncoderReady()
      backend.submitQueue()
      return backend.device.queue.onSubmittedWorkDone()
    }),
  },
})
