/** Our WGSL kernels as kernels of tfjs' WebGPU backend. */

import * as tf from '../tf'
import { type KernelArgs, overrideKernel } from '../tf/override'
import { registerOperation, registerOwnOperation } from '../tuning/registerOperation'
import { binary } from './broadcast/binary'
import { BINARY_OPS, leadingReduction, middleReduction, trailingBroadcast } from './broadcast/calls'
import { sumMiddle } from './broadcast/sumMiddle'
import { sumRows } from './broadcast/webgpu'
import { CONVOLUTIONS, HALF_CONVOLUTIONS, MATRIX_PRODUCT } from './convolution/webgpu'
import { depthwiseFilterGradient, depthwiseForward, depthwiseInputGradient } from './depthwise/webgpu'
import { averagePoolGradient } from './pooling/averagePool'
import { maxPoolGradient } from './pooling/maxPool'
import {
  avgPoolGradCall,
  depthwiseFilterGradientCall,
  depthwiseForwardCall,
  depthwiseInputGradientCall,
  maxPoolGradCall,
} from './shared/convShape'
import type { Backend } from './shared/program'

/** Registers what belongs to the WebGPU backend; nothing happens when it is not loaded. */
export function registerWebGpuKernels(): void {
  for (const operation of CONVOLUTIONS) registerOperation(operation)
  for (const operation of HALF_CONVOLUTIONS) registerOwnOperation(operation)
  registerOperation(MATRIX_PRODUCT)
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
  register(tf.AvgPoolGrad, (args) => {
    const call = avgPoolGradCall(args)
    return call && averagePoolGradient(args.backend as Backend, call.tensors[0], call.shape)
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
type Kernel = (args: KernelArgs) => tf.TensorInfo | undefined

function register(kernelName: string, kernel: Kernel): void {
  overrideKernel(kernelName, 'webgpu', (stock) => (args) => kernel(args) ?? stock(args))
}
