/** What the device tests of the ops share: the backend with our kernels, and its errors counted as failures. */
import { afterAll, beforeAll, expect } from 'vitest'
import { initBackend } from './backend'
import * as tf from './tf'

/** Call at the top of a test file: WebGPU with our kernels; any validation error fails the file. */
export function onWebGpu(): void {
  const gpuErrors: string[] = []
  beforeAll(async () => {
    await initBackend('webgpu')
    const { device } = tf.backend() as unknown as { device: GPUDevice }
    device.onuncapturederror = ({ error }) => gpuErrors.push(error.message)
  })
  afterAll(() => expect(gpuErrors).toEqual([]))
}

/** Reads tensors and frees them. */
export async function taken(tensors: tf.Tensor[]): Promise<Float32Array[]> {
  const values = await Promise.all(tensors.map((tensor) => tensor.data()))
  tf.dispose(tensors)
  return values as Float32Array[]
}
