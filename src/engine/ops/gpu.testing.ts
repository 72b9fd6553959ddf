/** What the device tests of the ops share: the backend with our kernels, and its errors counted as failures. */
import '@tensorflow/tfjs-backend-webgpu'
import { afterAll, beforeAll, expect } from 'vitest'
import { registerWebGpuKernels } from '../kernels/webgpu/register'
import { registerWebGpuOps } from '../kernels/webgpu/registerOps'
import * as tf from '../tf'

/** Call at the top of a test file: WebGPU with our kernels; any validation error fails the file. */
export function onWebGpu(): void {
  const gpuErrors: string[] = []
  beforeAll(async () => {
    tf.env().set('WEBGPU_CPU_FORWARD', false)
    await tf.setBackend('webgpu')
    const { device } = tf.backend() as unknown as { device: GPUDevice }
    device.onuncapturederror = ({ error }) => gpuErrors.push(error.message)
    registerWebGpuKernels()
    registerWebGpuOps()
  })
  afterAll(() => expect(gpuErrors).toEqual([]))
}

/** Reads tensors and frees them. */
export async function taken(tensors: tf.Tensor[]): Promise<Float32Array[]> {
  const values = await Promise.all(tensors.map((tensor) => tensor.data()))
  tf.dispose(tensors)
  return values as Float32Array[]
}
