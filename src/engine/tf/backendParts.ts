/**
 * What of tfjs' WebGPU backend (4.22) we take hold of. Most of it is private there: this folder is the one place that
 * knows, and this file the one to look at first when tfjs is updated.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import * as tf from '.'

export interface TensorData {
  values: tf.BackendValues | null
  dtype: tf.DataType
  shape: number[]
  refCount: number
  resource?: GPUBuffer | GPUTexture | GPUExternalTexture | null
  /** The resource belongs to somebody else and is not released with the data. */
  external?: boolean
}

/** Ids are given in rising order by one counter of the class. */
export interface DataId {
  id: number
}

export interface BufferSource {
  acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GPUBuffer
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void
}

/** The part of a compute pass that the backend uses. */
export type PassLike = Pick<
  GPUComputePassEncoder,
  'setPipeline' | 'setBindGroup' | 'dispatchWorkgroups' | 'end'
>

/** The part of a command encoder that the backend uses for computing. */
export interface EncoderLike {
  beginComputePass(descriptor?: GPUComputePassDescriptor): PassLike
  copyBufferToBuffer(from: GPUBuffer, fromOffset: number, to: GPUBuffer, toOffset: number, size: number): void
}

export interface Program {
  shaderKey: string
  outputShape: number[]
}

export interface BackendParts {
  device: GPUDevice
  queue: GPUQueue
  tensorMap: { get(dataId: object): TensorData; has(dataId: object): boolean }
  bufferManager: BufferSource
  commandEncoder: EncoderLike | null
  computePassEncoder: PassLike | null
  commandQueueOwnedIds: WeakSet<object>
  dispatchCountInPass: number
  activeTimers: unknown
  uniformPendingDisposal: GPUBuffer[]
  ensureCommandEncoderReady(): void
  endComputePassEncoder(): void
  submitQueue(): void
  getBufferData(buffer: GPUBuffer): Promise<ArrayBuffer>
  readSync(dataId: object): tf.BackendValues
  uploadToGPU(dataId: object): void
  incRef(dataId: object): void
  disposeData(dataId: object): boolean
  write(values: tf.BackendValues | null, shape: number[], dtype: tf.DataType): DataId
  runWebGPUProgram(program: Program, inputs: tf.TensorInfo[], ...rest: unknown[]): tf.TensorInfo
}

/** What every buffer of a tensor can be used for. */
export const TENSOR_USAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST

/** The current backend's parts; undefined when it is not WebGPU. */
export function webGpuParts(): BackendParts | undefined {
  return tf.getBackend() === 'webgpu' ? partsOf(tf.backend() as WebGPUBackend) : undefined
}

export function partsOf(backend: WebGPUBackend): BackendParts {
  return backend as unknown as BackendParts
}

/** The GPU of the current backend; undefined when that is not WebGPU. */

/** Submits whatever tfjs still holds back. */
export function submitAll(backend: WebGPUBackend): void {
  backend.endComputePassEncoder()
  backend.ensureCommandEncoderReady()
  backend.submitQueue()
}

/** Gives back a reference to data that was held with `incRef`. */
export function releaseData(backend: Pick<BackendParts, 'disposeData'>, dataId: object): void {
  const engine = tf.engine() as unknown as { removeDataId(dataId: object, backend: unknown): void }
  if (backend.disposeData(dataId)) engine.removeDataId(dataId, backend)
}

/** A tensor around data that the backend has already; counted by tfjs, disposed like any other. */
export function tensorAround(
  backend: object,
  dataId: object,
  shape: number[],
  dtype: tf.DataType,
): tf.Tensor {
  return tf.engine().makeTensorFromDataId(dataId, shape, dtype, backend as tf.KernelBackend)
}

/**
 * How a tensor's values lie on the device. A cast from integers to float32 keeps the integers there (tfjs converts
 * them where they are read), so this is not always the tensor's own type.
 */
export function storedType(parts: BackendParts, { dataId, dtype }: tf.Tensor): tf.DataType {
  return parts.tensorMap.has(dataId) ? parts.tensorMap.get(dataId).dtype : dtype
}

/** A tensor whose values are in `buffer`, which stays its owner's. @param stored how they lie there */
export function tensorOn(
  parts: BackendParts,
  buffer: GPUBuffer,
  shape: number[],
  dtype: tf.DataType,
  stored: tf.DataType,
): tf.Tensor {
  const dataId = parts.write(null, shape, stored)
  Object.assign(parts.tensorMap.get(dataId), { resource: buffer, external: true })
  return tensorAround(parts, dataId, shape, dtype)
}
