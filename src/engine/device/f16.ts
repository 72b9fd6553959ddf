/**
 * The choice to keep what convolutions and dense layers multiply in 16-bit floats: half the memory and half the
 * loads, sums still in 32 bits, weights and everything else too. Off unless asked for, since its numbers are others.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { BasinError } from '../../base/errors'
import * as tf from '../tf'
import { adapterWords } from './adapter'

let on = false

/** Whether operands are kept as halves on the current backend. */
export const f16IsOn = (): boolean => on

/**
 * Turns it on or off for the current backend; what was recorded with the other is recorded anew (capture.ts).
 * @throws BasinError `device` where the device has no 16-bit floats
 */
export function switchF16(wanted: boolean): void {
  const missing = wanted ? missingFor() : undefined
  if (missing) {
    throw new BasinError(
      'device',
      `device: f16 needs WebGPU with shader-f16, got ${missing}`,
      'Leave f16 off (no --f16, no ?f16=on in the address), or choose a device that has it.',
    )
  }
  on = wanted
}

function missingFor(): string | undefined {
  const name = tf.getBackend()
  if (name !== 'webgpu') return name
  const { device } = tf.backend() as WebGPUBackend
  if (device.features.has('shader-f16')) return undefined
  return `${adapterWords(device.adapterInfo)[0] ?? 'an adapter'} without it`
}
