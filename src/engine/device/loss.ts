/** A lost GPU: noticed once per device, told in one coded error, wherever it is met first. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { BasinError } from '../../base/errors'
import * as tf from '../tf'

const losses = new WeakMap<GPUDevice, { error?: BasinError; noticed: Promise<BasinError> }>()

let lostCallback: ((error: BasinError) => void) | undefined

/** Called once with code `device` when the GPU is lost; only a new worker (or process) can go on. */
export function onDeviceLost(callback: (error: BasinError) => void): void {
  lostCallback = callback
}

export function watchDevice(device: GPUDevice): void {
  let sayNoticed: (error: BasinError) => void = () => {}
  const noticed = new Promise<BasinError>((resolve) => {
    sayNoticed = resolve
  })
  const entry: { error?: BasinError; noticed: Promise<BasinError> } = { noticed }
  losses.set(device, entry)
  /** The first word stands: a device that ran out of memory may be lost a moment later. */
  const lose = (what: string, remedy: string) => {
    if (entry.error) return
    entry.error = new BasinError('device', `GPU: ${what}`, remedy)
    lostCallback?.(entry.error)
    sayNoticed(entry.error)
  }
  device.lost.then(({ reason, message }) =>
    lose(
      `the device was lost (${message || reason || 'no reason given'})`,
      'Train again, with a smaller batch or network if it happens again.',
    ),
  )
  // A buffer that could not be had reads as zeros and goes on; nothing that this device says later can be trusted.
  device.addEventListener('uncapturederror', ({ error }) => {
    if (!(error instanceof GPUOutOfMemoryError)) {
      // A mistake of ours. Browsers tell it of a worker's device nowhere else than in their developer tools.
      console.error(`GPU: ${error.message}`)
      return
    }
    lose(
      `out of memory (${error.message})`,
      'Train again with a smaller batch, more replicas or a smaller network.',
    )
  })
}

/** @throws BasinError `device` when this device is lost: what is queued on it would do nothing, in silence */
export function refuseLost(device: GPUDevice): void {
  const error = losses.get(device)?.error
  if (error) throw error
}

/** A failed read is often the first sign of a loss; the device itself says so a moment later. */
const GRACE_MS = 500

/**
 * The values of a tensor.
 * @throws BasinError `device` when the GPU is lost before they are here
 */
export async function readTensor(tensor: tf.Tensor): Promise<tf.TypedArray> {
  try {
    return (await tensor.data()) as tf.TypedArray
  } catch (error) {
    const isGpu = tf.getBackend() === 'webgpu'
    const loss = isGpu ? losses.get((tf.backend() as WebGPUBackend).device) : undefined
    const later = new Promise<undefined>((resolve) => setTimeout(resolve, GRACE_MS))
    throw (await Promise.race([loss?.noticed, later])) ?? error
  }
}
