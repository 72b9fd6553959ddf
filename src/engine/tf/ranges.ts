/**
 * Part of a tensor's buffer as something a kernel can bind: how vectors longer than the device's largest binding
 * (128 MiB on some, WideResnet28x10 has 139 MiB of weights) are worked on.
 */

import type { Backend } from '../ops/shared/program'
import type * as tf from './index'

/** Offsets of bindings must be multiples of so many float32 values (256 bytes). */
export const RANGE_STEP = 64

interface TensorData {
  resource: GPUBuffer | GPUBufferBinding
}

/** How many values of a vector may be bound at once; a multiple of RANGE_STEP. */
export function valuesAtOnce({ device: { limits } }: Backend): number {
  const bytes = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize)
  return Math.floor(bytes / 4 / RANGE_STEP) * RANGE_STEP
}

/**
 * `count` values from value `first` on (a multiple of RANGE_STEP), to be bound by kernels run at once and then given
 * to `disposeData`. It does not hold the tensor's memory.
 */
export function rangeOf(
  backend: Backend,
  tensor: tf.TensorInfo,
  first: number,
  count: number,
): tf.TensorInfo {
  backend.uploadToGPU(tensor.dataId)
  const data = backend as unknown as { tensorMap: { get(id: object): TensorData } }
  const { resource } = data.tensorMap.get(tensor.dataId)
  const view = backend.makeTensorInfo([count], 'float32')
  // tfjs binds a resource that is no buffer or texture as it is: a buffer with offset and size is a valid binding.
  data.tensorMap.get(view.dataId).resource = {
    buffer: resource as GPUBuffer,
    offset: 4 * first,
    size: 4 * count,
  }
  return view
}
