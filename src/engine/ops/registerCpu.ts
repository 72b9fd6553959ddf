/** Our plain-JavaScript kernels as kernels of tfjs' cpu backend; what they do not take goes to the stock ones. */
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import * as tf from '../tf'
import { type KernelArgs, overrideKernel } from '../tf/override'
import { BINARY_OPS, type BinaryOp, leadingReduction, trailingBroadcast } from './broadcast/calls'
import { binary, sumRows } from './broadcast/cpu'
import { conv2d, conv2dFilterGradient, conv2dInputGradient } from './convolution/cpu'
import { MAX_POOL_READ } from './convolution/gradients'
import { matMul } from './matMul/cpu'
import { maxPoolGradient, maxPoolRead } from './pooling/cpu'
import {
  type ConvCall,
  type ConvShape,
  filterGradientCall,
  forwardCall,
  inputGradientCall,
  maxPoolGradCall,
  maxPoolReadCall,
} from './shared/convShape'

const values = (backend: MathBackendCPU, tensor: tf.TensorInfo) =>
  backend.data.get(tensor.dataId).values as Float32Array

/** Registers what belongs to the cpu backend; nothing happens when it is not loaded. */
export function registerCpuKernels(): void {
  register(tf.Conv2D, (args) => convolve(args, forwardCall(args), conv2d))
  register(tf.Conv2DBackpropFilter, (args) => convolve(args, filterGradientCall(args), conv2dFilterGradient))
  register(tf.Conv2DBackpropInput, (args) => convolve(args, inputGradientCall(args), conv2dInputGradient))
  register(tf.MaxPoolGrad, maxPoolGrad)
  register(tf.BatchMatMul, batchMatMul)
  if (tf.findBackendFactory('cpu') && !tf.getKernel(MAX_POOL_READ, 'cpu')) {
    tf.registerKernel({ kernelName: MAX_POOL_READ, backendName: 'cpu', kernelFunc: maxPoolReadKernel })
  }
  for (const op of BINARY_OPS) register(op, (args) => elementwise(args, op))
  register(tf.Sum, (args) => reduce(args, false))
  register(tf.Mean, (args) => reduce(args, true))
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
  const call = maxPoolGradCall(args)
  if (!call) return undefined
  const [dy, x] = call.tensors
  const cpu = args.backend as MathBackendCPU
  return cpu.makeTensorInfo(
    call.outShape,
    'float32',
    maxPoolGradient(values(cpu, dy), values(cpu, x), call.shape),
  )
}

function maxPoolReadKernel(args: KernelArgs): tf.TensorInfo {
  const { tensors, shape } = maxPoolReadCall(args)!
  const [v, x] = tensors
  const cpu = args.backend as MathBackendCPU
  const outShape = [shape.batch, shape.outHeight, shape.outWidth, shape.inChannels]
  return cpu.makeTensorInfo(outShape, 'float32', maxPoolRead(values(cpu, v), values(cpu, x), shape))
}

/** Runs of a few values are no gain over tfjs' own loop. */
const SHORTEST_RUN = 4

function elementwise(args: KernelArgs, op: BinaryOp): tf.TensorInfo | undefined {
  const call = trailingBroadcast(args)
  if (!call || Math.min(call.aSize, call.bSize) < SHORTEST_RUN) return undefined
  const cpu = args.backend as MathBackendCPU
  return cpu.makeTensorInfo(call.outShape, 'float32', binary(op, values(cpu, call.a), values(cpu, call.b)))
}

function reduce(args: KernelArgs, isMean: boolean): tf.TensorInfo | undefined {
  const call = leadingReduction(args)
  if (!call) return undefined
  const cpu = args.backend as MathBackendCPU
  const sums = sumRows(values(cpu, call.x), call.columns, isMean ? 1 / call.rows : 1)
  return cpu.makeTensorInfo(call.outShape, 'float32', sums)
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
