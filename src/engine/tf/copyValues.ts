/** Values from one tensor's buffer to another's by the device's copy command: in order with the kernels, and recorded. */

import type { Backend } from '../ops/shared/program'
import { type BackendParts, partsOf } from './backendParts'
import type * as tf from './index'

interface Place {
  tensor: tf.TensorInfo
  /** Its first value. */
  first: number
}

/** Copies `count` values (of four bytes each). The two tensors must not share their buffer. */
export function copyValues(backend: Backend, from: Place, to: Place, count: number): void {
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
