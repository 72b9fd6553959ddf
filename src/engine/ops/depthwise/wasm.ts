/** A depthwise convolution's three products in WebAssembly, four channels at a time. */
import * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import type { ConvCall, ConvShape } from '../shared/convShape'
import { mapWords, onWasm, sizeOf, type WasmBackend } from '../shared/onWasm'
import { depthwiseFilterGradientCall, depthwiseForwardCall, depthwiseInputGradientCall } from './calls'

const product =
  (
    kernel: 'depthwiseForward' | 'depthwiseInput' | 'depthwiseFilter',
    outShapeOf: (s: ConvShape) => number[],
    units: (s: ConvShape) => number,
  ) =>
  (backend: WasmBackend, { tensors: [a, b], shape: s }: ConvCall): tf.TensorInfo => {
    const outShape = outShapeOf(s)
    const { info, address } = backend.output(outShape)
    const work = s.filterHeight * s.filterWidth * s.batch * s.outHeight * s.outWidth * s.inChannels
    const params = [backend.addressOf(a), backend.addressOf(b), address, ...mapWords(s)]
    backend.machine.run(kernel, params, units(s), work + sizeOf(outShape))
    return info
  }

const yShape = (s: ConvShape) => [s.batch, s.outHeight, s.outWidth, s.inChannels]
const xShape = (s: ConvShape) => [s.batch, s.inHeight, s.inWidth, s.inChannels]
const filterShape = (s: ConvShape) => [s.filterHeight, s.filterWidth, s.inChannels, 1]

export const wasm: Kernels = {
  [tf.DepthwiseConv2dNative]: onWasm(
    depthwiseForwardCall,
    product('depthwiseForward', yShape, (s) => s.batch * s.outHeight),
  ),
  [tf.DepthwiseConv2dNativeBackpropInput]: onWasm(
    depthwiseInputGradientCall,
    product('depthwiseInput', xShape, (s) => s.batch * s.inHeight),
  ),
  [tf.DepthwiseConv2dNativeBackpropFilter]: onWasm(
    depthwiseFilterGradientCall,
    product('depthwiseFilter', filterShape, (s) => Math.ceil(s.inChannels / 4)),
  ),
}
