/** The sizes of one 2-D convolution as our kernels read them, out of tfjs' calls; and which calls they take. */
import * as tf from '../../tf'
import type { KernelArgs } from '../../tf/override'

/** Sizes in pixels and channels; x is [batch, inHeight, inWidth, inChannels], the filter HWIO. */
export interface ConvShape {
  batch: number
  inHeight: number
  inWidth: number
  inChannels: number
  outHeight: number
  outWidth: number
  outChannels: number
  filterHeight: number
  filterWidth: number
  strideHeight: number
  strideWidth: number
  padTop: number
  padLeft: number
}

/** Those of the maps and of the window that moves over one, as pairs (row, column) for a kernel's uniforms. */
export const windowSizes = (s: ConvShape): Record<string, [number, number]> => ({
  inSize: [s.inHeight, s.inWidth],
  outSize: [s.outHeight, s.outWidth],
  window: [s.filterHeight, s.filterWidth],
  stride: [s.strideHeight, s.strideWidth],
  pad: [s.padTop, s.padLeft],
})

/** One call of a convolution kernel: its two tensors in the order of the product, and what comes out. */
export interface ConvCall {
  tensors: [tf.TensorInfo, tf.TensorInfo]
  shape: ConvShape
  outShape: number[]
}

type Inputs<Names extends string> = Record<Names, tf.TensorInfo>

/** Conv2D(x, filter); undefined when our kernels do not take it, and the stock kernel must run. */
export function forwardCall(args: KernelArgs): ConvCall | undefined {
  const { x, filter } = args.inputs as Inputs<'x' | 'filter'>
  const shape = convShape(x.shape, filter.shape, args.attrs as unknown as tf.Conv2DAttrs, [x, filter])
  if (!shape) return undefined
  const outShape = [shape.batch, shape.outHeight, shape.outWidth, shape.outChannels]
  return { tensors: [x, filter], shape, outShape }
}

/** Conv2DBackpropFilter(x, dy); undefined as in `forwardCall`. */
export function filterGradientCall(args: KernelArgs): ConvCall | undefined {
  const { x, dy } = args.inputs as Inputs<'x' | 'dy'>
  const attrs = args.attrs as unknown as tf.Conv2DBackpropFilterAttrs
  const shape = convShape(x.shape, attrs.filterShape, attrs, [x, dy])
  return shape && { tensors: [x, dy], shape, outShape: attrs.filterShape }
}

/** Conv2DBackpropInput(dy, filter); undefined as in `forwardCall`. */
export function inputGradientCall(args: KernelArgs): ConvCall | undefined {
  const { dy, filter } = args.inputs as Inputs<'dy' | 'filter'>
  const attrs = args.attrs as unknown as tf.Conv2DBackpropInputAttrs
  const shape = convShape(attrs.inputShape, filter.shape, attrs, [dy, filter])
  return shape && { tensors: [dy, filter], shape, outShape: attrs.inputShape }
}

/** DepthwiseConv2dNative(x, filter), one filter a channel; undefined as in `forwardCall`. */
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

/** MaxPoolGrad(dy, x): the window in the place of the filter, channels of x on both sides; undefined as above. */
export function maxPoolGradCall(args: KernelArgs): ConvCall | undefined {
  const { dy, input } = args.inputs as Inputs<'dy' | 'input'>
  if ([dy, input].some(({ dtype, shape }) => dtype !== 'float32' || shape.includes(0))) return undefined
  const attrs = args.attrs as unknown as tf.MaxPoolGradAttrs
  const info = tf.backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  )
  return { tensors: [dy, input], shape: shapeOf(info), outShape: input.shape }
}

/** AvgPoolGrad(dy, x) whose windows all lie inside the image: sizes as for maxPoolGradCall; undefined for others. */
export function avgPoolGradCall(args: KernelArgs): ConvCall | undefined {
  const call = maxPoolGradCall(args)
  if (!call) return undefined
  const { shape: s } = call
  const reach = [
    (s.outHeight - 1) * s.strideHeight + s.filterHeight - s.inHeight,
    (s.outWidth - 1) * s.strideWidth + s.filterWidth - s.inWidth,
  ]
  return s.padTop === 0 && s.padLeft === 0 && reach.every((beyond) => beyond <= 0) ? call : undefined
}

/** VALID windows side by side over images of `shape`. */
export function pooledShape(shape: [number, number, number, number], size: [number, number]): ConvShape {
  return shapeOf(tf.backend_util.computePool2DInfo(shape, size, size, 1, 'valid'))
}

/** BasinMaxPoolRead(v, x): sizes as for maxPoolGradCall. */
export function maxPoolReadCall(args: KernelArgs): ConvCall | undefined {
  const { v, x } = args.inputs as Inputs<'v' | 'x'>
  return maxPoolGradCall({ ...args, inputs: { dy: v, input: x } })
}

type ConvAttrs = Pick<tf.Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> & {
  dilations?: tf.Conv2DAttrs['dilations']
}

/** Not taken: channels first, dilated, other dtypes, empty tensors. */
function convShape(
  xShape: number[],
  filterShape: number[],
  attrs: ConvAttrs,
  tensors: tf.TensorInfo[],
  isDepthwise = false,
): ConvShape | undefined {
  if (attrs.dataFormat !== 'NHWC') return undefined
  if (tensors.some((tensor) => tensor.dtype !== 'float32' || tensor.shape.includes(0))) return undefined
  const info = tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    isDepthwise,
  )
  if (info.dilationHeight !== 1 || info.dilationWidth !== 1 || info.outShape.includes(0)) return undefined
  return shapeOf(info)
}

function shapeOf(info: tf.backend_util.Conv2DInfo): ConvShape {
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  }
}
