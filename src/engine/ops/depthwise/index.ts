import * as tf from '../../tf'
import { convolutionGradients } from '../convolution/gradients'
import type { Op } from '../op'
import { wasm } from './wasm'
import { webgpu } from './webgpu'

const gradients = convolutionGradients({
  forward: tf.DepthwiseConv2dNative,
  input: tf.DepthwiseConv2dNativeBackpropInput,
  filter: tf.DepthwiseConv2dNativeBackpropFilter,
})

export const depthwise: Op = { gradients, backends: { webgpu, wasm } }
