/** tfjs' calls of pooling's gradients, and ours, as our kernels take them. */
import * as tf from '../../tf'
import type { Inputs, KernelArgs } from '../../tf/kernels'
import { type ConvCall, type ConvShape, convShapeOf } from '../shared/convShape'

/** MaxPoolGrad(dy, x): the window in the place of the filter, channels of x on both sides; undefined when the stock kernel must run. */
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
  return { tensors: [dy, input], shape: convShapeOf(info), outShape: input.shape }
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
  return convShapeOf(tf.backend_util.computePool2DInfo(shape, size, size, 1, 'valid'))
}

/** BasinMaxPoolRead(v, x): sizes as for maxPoolGradCall. */
export function maxPoolReadCall(args: KernelArgs): ConvCall | undefined {
  const { v, x } = args.inputs as Inputs<'v' | 'x'>
  const call = maxPoolGradCall({ ...args, inputs: { dy: v, input: x } })
  if (!call) return undefined
  const { shape: s } = call
  return { ...call, outShape: [s.batch, s.outHeight, s.outWidth, s.inChannels] }
}
