/** The memory behind tensors of the WebGPU backend: parts of it bound by kernels, and copied without one. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import type * as tf from '.'
import { type BackendParts, partsOf } from './backendParts'

/** Offsets of bindings must be multiples of so many float32 values (256 bytes). */
export const RANGE_STEP = 64

/** How many values of a vector may be bound at once; a multiple of RANGE_STEP. */
export function valuesAtOnce({ device: { limits } }: WebGPUBackend): number {
  const bytes = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize)
  return Math.floor(bytes / 4 / RANGE_STEP) * RANGE_STEP
}

/**
 * `count` values from value `first` on (a multiple of RANGE_STEP), to be bound by kernels run at once and then given
 * to `disposeData`: how vectors longer than the device's largest binding (128 MiB on some, WideResnet28x10 has 139 MiB
 * of weights) are worked on. It does not hold the tensor's memory.
 */
export function rangeOf(
  backend: WebGPUBackend,
  tensor: tf.TensorInfo,
  first: number,
  count: number,
): tf.TensorInfo {
  const parts = partsOf(backend)
  const buffer = bufferOf(parts, tensor)
  const view = backend.makeTensorInfo([count], 'float32')
  // tfjs binds a resource that is no buffer or texture as it is: a buffer with offset and size is a valid binding.
  const range: GPUBufferBinding = { buffer, offset: 4 * first, size: 4 * count }
  parts.tensorMap.get(view.dataId).resource = range as unknown as GPUBuffer
  return view
}

interface Place {
  tensor: tf.TensorInfo
  /** Its first value. */
  first: number
}

/**
 * Copies `count` values (of four bytes each) by the device's copy command: in order with the kernels, and recorded. The
 * two tensors must not share their buffer.
 */
export function copyValues(backend: WebGPUBackend, from: Place, to: Place, count: number): void {
  const parts = partsOf(backend)
  const [source, target] = [bufferOf(parts, from.tensor), bufferOf(parts, to.tensor)]
  parts.ensureCommandEncoderReady()
  parts.endComputePassEncoder()
  // Until it is submitted, neither buffer may be given to another tensor.
  parts.commandQueueOwnedIds.add(from.tensor.dataId)
  parts.commandQueueOwnedIds.add(to.tensor.dataId)
  parts.commandEncoder!.copyBufferToBuffer(source, 4 * from.first, target, 4 * to.first, 4 * count)
}

function bufferOf(parts: BackendParts, { dataId }: tf.TensorInfo): GPUBuffer {
  parts.uploadToGPU(dataId)
  return parts.tensorMap.get(dataId).resource as GPUBuffer
}
