/** Our plain-JavaScript kernels as kernels of tfjs' cpu backend; what they do not take goes to the stock ones. */
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import * as tf from '../../tf'
import {
  type ConvCall,
  type ConvShape,
  filterGradientCall,
  forwardCall,
  inputGradientCall,
} from '../convShape'
import { type KernelArgs, overrideKernel } from '../override'
import { conv2d, conv2dFilterGradient, conv2dInputGradient } from './conv'
import { matMul } from './matMul'
import { maxPoolGradient } from './maxPool'

const values = (backend: MathBackendCPU, tensor: tf.TensorInfo) =>
  backend.data.get(tensor.dataId).values as Float32Array

/** Registers what belongs to the cpu backend; nothing happens when it is not loaded. */
export function registerCpuKernels(): void {
  register(tf.Conv2D, (args) => convolve(args, forwardCall(args), conv2d))
  register(tf.Conv2DBackpropFilter, (args) => convolve(args, filterGradientCall(args), conv2dFilterGradient))
  register(tf.Conv2DBackpropInput, (args) => convolve(args, inputGradientCall(args), conv2dInputGradient))
  register(tf.MaxPoolGrad, maxPoolGrad)
  register(tf.BatchMatMul, batchMatMul)
}

/** Undefined: the stock kernel takes the call. */
type Kernel = (args: KernelArgs) => tf.TensorInfo | undefined

function register(kernelName: string, kernel: Kernel): void {
  overrideKernel(kernelName, 'cpu', (stock) => (args) => kernel(args) ?? stock(args))
}

function convolve(
  { backend }: KernelArgs,
  call: ConvCall | undefined,
  kernel: (a: Float32Array, b: Float32Array, shape: ConvShape) => Float32Array,
): tf.TensorInfo | undefined {
  if (!call) return undefined
  const cpu = backend as MathBackendCPU
  const [a, b] = call.tensors
  return cpu.makeTensorInfo(call.outShape, 'float32', kernel(values(cpu, a), values(cpu, b), call.shape))
}

function maxPoolGrad(args: KernelArgs): tf.TensorInfo | undefined {
  const { dy, input } = args.inputs as Record<'dy' | 'input', tf.TensorInfo>
  if (input.dtype !== 'float32') return undefined
  const attrs = args.attrs as unknown as tf.MaxPoolGradAttrs
  const info = tf.backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  )
  const shape = { ...info, batch: info.batchSize, padTop: info.padInfo.top, padLeft: info.padInfo.left }
  const cpu = args.backend as MathBackendCPU
  return cpu.makeTensorInfo(
    input.shape,
    'float32',
    maxPoolGradient(values(cpu, dy), values(cpu, input), shape),
  )
}

/** Undefined for what stays with tfjs: other dtypes, and batches of differing rank or size. */
function batchMatMul(args: KernelArgs): tf.TensorInfo | undefined {
  const { a, b } = args.inputs as Record<'a' | 'b', tf.TensorInfo>
  const { transposeA, transposeB } = args.attrs as unknown as tf.BatchMatMulAttrs
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined
  const [aOuter, bOuter] = [a.shape.slice(0, -2), b.shape.slice(0, -2)]
  const [aBatch, bBatch] = [tf.util.sizeFromShape(aOuter), tf.util.sizeFromShape(bOuter)]
  if (!tf.util.arraysEqual(aOuter, bOuter) && aBatch !== 1 && bBatch !== 1) return undefined
  const [aHeight, aWidth] = a.shape.slice(-2)
  const [bHeight, bWidth] = b.shape.slice(-2)
  const [rows, depth] = transposeA ? [aWidth, aHeight] : [aHeight, aWidth]
  const [bDepth, columns] = transposeB ? [bWidth, bHeight] : [bHeight, bWidth]
  if (depth !== bDepth) return undefined
  const batch = Math.max(aBatch, bBatch)
  const cpu = args.backend as MathBackendCPU
  const product = matMul(values(cpu, a), values(cpu, b), {
    batch,
    rows,
    depth,
    columns,
    transposeA,
    transposeB,
    aBatchStep: aBatch === 1 ? 0 : rows * depth,
    bBatchStep: bBatch === 1 ? 0 : depth * columns,
  })
  const outer = tf.backend_util.assertAndGetBroadcastShape(aOuter, bOuter)
  return cpu.makeTensorInfo([...outer, rows, columns], 'float32', product)
}
