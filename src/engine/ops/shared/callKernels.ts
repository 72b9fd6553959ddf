/** Kernels of two tensors that go by a convolution's sizes, and tensors' values in plain JavaScript. */
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import type * as tf from '../../tf'
import type { Kernel, KernelArgs } from '../../tf/kernels'
import type { ConvCall, ConvShape } from './convShape'
import type { Backend } from './program'

type Read = (args: KernelArgs) => ConvCall | undefined

/** One of a convolution's products, or what moves over an image like one. */
export type ConvKernel = (
  backend: Backend,
  tensors: [tf.TensorInfo, tf.TensorInfo],
  shape: ConvShape,
) => tf.TensorInfo

/** On WebGPU; calls that `read` gives back undefined stay with tfjs. */
export const onWebGpu =
  (read: Read, kernel: ConvKernel): Kernel =>
  (args) => {
    const call = read(args)
    return call && kernel(args.backend as Backend, call.tensors, call.shape)
  }

/** As `onWebGpu`, in plain JavaScript. */
export const onCpu =
  (read: Read, kernel: (a: Float32Array, b: Float32Array, shape: ConvShape) => Float32Array): Kernel =>
  (args) => {
    const call = read(args)
    if (!call) return undefined
    const [a, b] = call.tensors.map((tensor) => valuesOf(args, tensor))
    return tensorOf(args, call.outShape, kernel(a, b, call.shape))
  }

export const valuesOf = ({ backend }: KernelArgs, { dataId }: tf.TensorInfo): Float32Array =>
  (backend as MathBackendCPU).data.get(dataId).values as Float32Array

export const tensorOf = ({ backend }: KernelArgs, shape: number[], values: Float32Array): tf.TensorInfo =>
  (backend as MathBackendCPU).makeTensorInfo(shape, 'float32', values)
