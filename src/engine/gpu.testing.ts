/** What tests on WebGPU share: one device with our kernels for all files of a page, which compiles each pipeline once. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { afterAll, beforeAll, expect } from 'vitest'
import { initBackend } from './backend'
import { sharedStorage } from './capture/arena'
import { registerOps } from './ops'
import * as tf from './tf'

/** Opened by the first file, with what it has compiled. */
let opened: tf.KernelBackend | undefined

/** WebGPU with our kernels is the backend from now on. Errors of its device fail the test they come from (gpuErrors). */
export async function startWebGpu(): Promise<void> {
  if (opened && tf.findBackend('webgpu') === opened) {
    await tf.setBackend('webgpu')
    registerOps()
  } else {
    await initBackend('webgpu')
    opened = tf.backend()
  }
}

/** This backend, for tests that compare two. */
export const startBackend = async (name: 'cpu' | 'webgpu'): Promise<void> => {
  if (name === 'cpu') await initBackend('cpu')
  else await startWebGpu()
}

/** Call at the top of a test file. No recording of it may be left when it ends: the next file's would share its buffers. */
export function onWebGpu(): void {
  beforeAll(startWebGpu)
  afterAll(() => expect(sharedStorage((opened as WebGPUBackend).device).count).toBe(0))
}

/** Reads tensors and frees them. */
export async function taken(tensors: tf.Tensor[]): Promise<Float32Array[]> {
  const values = await Promise.all(tensors.map((tensor) => tensor.data()))
  tf.dispose(tensors)
  return values as Float32Array[]
}
