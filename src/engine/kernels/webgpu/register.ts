/**
 * Our WGSL kernels as kernels of tfjs' WebGPU backend, and where each is used. The filter gradient replaces the
 * stock one everywhere (that is one thread a weight, looping over the whole batch). Forward and input gradient are
 * used on CPU adapters only: there stock's barriers and workgroup memory are what costs; on a GPU they are what
 * makes it fast, and ours has not been measured on one.
 */
import { adapterWords, isCpuAdapter } from '../../adapter'
import * as tf from '../../tf'
import { BINARY_OPS, leadingReduction, middleReduction, trailingBroadcast } from '../broadcast'
import {
  depthwiseFilterGradientCall,
  depthwiseForwardCall,
  depthwiseInputGradientCall,
  filterGradientCall,
  forwardCall,
  inputGradientCall,
  maxPoolGradCall,
} from '../convShape'
import { type KernelArgs, overrideKernel } from '../override'
import { binary } from './binary'
import { depthwiseFilterGradient, depthwiseForward, depthwiseInputGradient } from './depthwise'
import { convFilterGradient, type FilterGradientTile } from './filterGradient'
import { convForward, convInputGradient, type GatherTile } from './gatherConv'
import { matMul } from './matMul'
import { maxPoolGradient } from './maxPoolGradient'
import type { Backend } from './program'
import { type RowTile, rowConvForward, rowConvInputGradient, takesRows } from './rowConv'
import { sumMiddle } from './sumMiddle'
import { sumRows } from './sumRows'

interface Choice {
  filterGradient: FilterGradientTile
  /** Undefined: tfjs' own kernel. */
  gather?: GatherTile
  /** For 3-wide kernels of stride 1, given the result's width; undefined: as any other convolution. */
  rows?: (width: number) => RowTile
}

/** Large tiles: a load is dear, registers beyond the machine's are ordinary (cached) memory. */
const CPU_ADAPTER: Choice = {
  filterGradient: { inBlocks: 4, outBlocks: 4, threads: 1024 },
  gather: { pixels: 8, blocks: 4 },
  rows: (width) => rowTile(width, 2),
}

/** It compiles large tiles fast; LLVM (lavapipe) takes many seconds for each. */
const SWIFTSHADER: Choice = { ...CPU_ADAPTER, rows: (width) => rowTile(width, 4) }

/** Small tiles: registers are few, invocations many. */
const GPU: Choice = { filterGradient: { inBlocks: 2, outBlocks: 2, threads: 32768 } }

/** About 14 pixels an invocation, in few different shapes: each is a pipeline to compile. */
const ROW_TILES = [
  { rows: 1, pixels: 14 },
  { rows: 2, pixels: 8 },
  { rows: 2, pixels: 7 },
  { rows: 3, pixels: 4 },
]

/** The tile that leaves least of a row over. */
function rowTile(width: number, blocks: number): RowTile {
  const covered = ({ pixels }: { pixels: number }) => Math.ceil(width / pixels) * pixels
  const best = ROW_TILES.reduce((a, b) => (covered(b) < covered(a) ? b : a))
  return { ...best, blocks }
}

function choiceFor({ adapterInfo }: GPUDevice): Choice {
  if (!isCpuAdapter(adapterInfo)) return GPU
  return /swiftshader/i.test(adapterWords(adapterInfo).join(' ')) ? SWIFTSHADER : CPU_ADAPTER
}

/** Registers what belongs to the WebGPU backend; nothing happens when it is not loaded. */
export function registerWebGpuKernels(): void {
  register(tf.Conv2D, (args, { gather, rows }) => {
    const call = gather && forwardCall(args)
    if (!call) return undefined
    const [backend, { tensors, shape }] = [args.backend as Backend, call]
    return rows && takesRows(shape)
      ? rowConvForward(backend, tensors, shape, rows(shape.outWidth))
      : convForward(backend, tensors, shape, gather)
  })
  register(tf.Conv2DBackpropInput, (args, { gather, rows }) => {
    const call = gather && inputGradientCall(args)
    if (!call) return undefined
    const [backend, { tensors, shape }] = [args.backend as Backend, call]
    return rows && takesRows(shape)
      ? rowConvInputGradient(backend, tensors, shape, rows(shape.inWidth))
      : convInputGradient(backend, tensors, shape, gather)
  })
  register(tf.Conv2DBackpropFilter, (args, { filterGradient }) => {
    const call = filterGradientCall(args)
    return call && convFilterGradient(args.backend as Backend, call.tensors, call.shape, filterGradient)
  })
  register(tf.DepthwiseConv2dNative, (args) => {
    const call = depthwiseForwardCall(args)
    return call && depthwiseForward(args.backend as Backend, call.tensors, call.shape)
  })
  register(tf.DepthwiseConv2dNativeBackpropInput, (args) => {
    const call = depthwiseInputGradientCall(args)
    return call && depthwiseInputGradient(args.backend as Backend, call.tensors, call.shape)
  })
  register(tf.DepthwiseConv2dNativeBackpropFilter, (args) => {
    const call = depthwiseFilterGradientCall(args)
    return call && depthwiseFilterGradient(args.backend as Backend, call.tensors, call.shape)
  })
  register(tf.BatchMatMul, (args, { gather, filterGradient }) => {
    const { a, b } = args.inputs as Record<'a' | 'b', tf.TensorInfo>
    const attrs = args.attrs as unknown as tf.BatchMatMulAttrs
    return gather && matMul(args.backend as Backend, a, b, attrs, gather, filterGradient)
  })
  register(tf.MaxPoolGrad, (args) => {
    const call = maxPoolGradCall(args)
    return call && maxPoolGradient(args.backend as Backend, call.tensors, call.shape)
  })
  for (const op of BINARY_OPS) {
    register(op, (args) => {
      const call = trailingBroadcast(args)
      // Equal sizes are what stock is good at.
      return call && call.aSize !== call.bSize ? binary(args.backend as Backend, op, call) : undefined
    })
  }
  register(tf.Sum, (args) => reduce(args, false))
  register(tf.Mean, (args) => reduce(args, true))
}

function reduce(args: KernelArgs, isMean: boolean): tf.TensorInfo | undefined {
  const backend = args.backend as Backend
  const leading = leadingReduction(args)
  if (leading) return sumRows(backend, leading, isMean ? 1 / leading.rows : 1)
  const middle = middleReduction(args)
  return middle && sumMiddle(backend, middle, isMean ? 1 / middle.rows : 1)
}

/** Undefined: the stock kernel takes the call. */
type Kernel = (args: KernelArgs, choice: Choice) => tf.TensorInfo | undefined

function register(kernelName: string, kernel: Kernel): void {
  overrideKernel(kernelName, 'webgpu', (stock) => (args) => {
    return kernel(args, choiceFor((args.backend as Backend).device)) ?? stock(args)
  })
}
