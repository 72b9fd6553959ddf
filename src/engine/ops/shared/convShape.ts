/** The sizes of one 2-D convolution, or of windows that move like one, as our kernels read them out of tfjs' calls. */
import * as tf from '../../tf'

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

export type ConvAttrs = Pick<tf.Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> & {
  dilations?: tf.Conv2DAttrs['dilations']
}

/** Out of a call of tfjs; undefined for what ours do not take: channels first, dilated, other dtypes, empty tensors. */
export function convShape(
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
  return convShapeOf(info)
}

export function convShapeOf(info: tf.backend_util.Conv2DInfo): ConvShape {
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
