/** A profile of whatever runs on WebGPU or in WebAssembly: which kernels, how often, how long. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { BasinError } from '../../base/errors'
import * as tf from '../tf'
import { submitAll } from '../tf/backendParts'
import type { WasmBackend } from '../wasm/wasmBackend'
import { aggregate, type StepProfile } from './aggregate'
import { profileCommands } from './commands'
import { recordDispatches } from './timestamps'

export type { KernelRow, StepProfile } from './aggregate'

/**
 * Runs `work` (a training step, say) once with every kernel timed; its results are what they always are.
 * @param work resolves when its results have been read
 * @throws BasinError `unsupported` on a backend other than WebGPU and WebAssembly
 */
export async function profileWork(work: () => Promise<unknown>): Promise<StepProfile> {
  if (tf.getBackend() === 'wasm') return profileCommands((tf.backend() as WasmBackend).machine, work)
  const backend = webGpuBackend()
  // What tfjs still holds back belongs to the time before.
  submitAll(backend)
  await backend.device.queue.onSubmittedWorkDone()
  let wallMs = 0
  const { dispatches, timed } = await recordDispatches(backend.device, async () => {
    const started = performance.now()
    await work()
    submitAll(backend)
    await backend.device.queue.onSubmittedWorkDone()
    wallMs = performance.now() - started
  })
  return aggregate(dispatches, timed, wallMs)
}

/** @throws BasinError `unsupported` */
export function webGpuBackend(): WebGPUBackend {
  const name = tf.getBackend()
  if (name !== 'webgpu') {
    throw new BasinError(
      'unsupported',
      `profile: only on WebGPU, got ${name}`,
      'Kernels are timed by the GPU itself; use a browser and a driver with WebGPU.',
    )
  }
  return tf.backend() as WebGPUBackend
}
