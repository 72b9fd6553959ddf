/** tfjs' calls of a depthwise convolution's three products, as our kernels take them. */
import type * as tf from '../../tf'
import type { Inputs, KernelArgs } from '../../tf/kernels'
import { type ConvAttrs, type ConvCall, convShape } from '../shared/convShape'

/** DepthwiseConv2dNative(x, filter), one filter a channel; undefined when the stock kernel must run. */
export function depthwiseForwardCall(args: KernelArgs): ConvCall | undefined {
  const { x, filter } = args.inputs as Inputs<'x' | 'filter'>
  return depthwiseCall([x, filter], x.shape, filter.shape, args)
}

/** DepthwiseConv2dNativeBackpropInput(dy, filter). */
export function depthwiseInputGradientCall(args: KernelArgs): ConvCall | undefined {
  const { dy, filter } = args.inputs as Inputs<'dy' | 'filter'>
  const { inputShape } = args.attrs as unknown as tf.DepthwiseConv2dNativeBackpropInputAttrs
  return depthwiseCall([dy, filter], inputShape, filter.shape, args)
}

/** DepthwiseConv2dNativeBackpropFilter(x, dy). */
export function depthwiseFilterGradientCall(args: KernelArgs): ConvCall | undefined {
  const { x, dy } = args.inputs as Inputs<'x' | 'dy'>
  const { filterShape } = args.attrs as unknown as tf.DepthwiseConv2dNativeBackpropFilterAttrs
  return depthwiseCall([x, dy], x.shape, filterShape, args)
}

function depthwiseCall(
  tensors: [tf.TensorInfo, tf.TensorInfo],
  xShape: number[],
  filterShape: number[],
  args: KernelArgs,
): ConvCall | undefined {
  // The gradients' attributes name no layout: tfjs has them for NHWC only.
  const attrs = { dataFormat: 'NHWC', ...args.attrs } as unknown as ConvAttrs
  if (filterShape[3] !== 1) return undefined
  const shape = convShape(xShape, filterShape, attrs, tensors, true)
  return shape && { tensors, shape, outShape: [] }
}
