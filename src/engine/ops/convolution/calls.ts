/** tfjs' calls of a convolution's three products, as our kernels take them. */
import type * as tf from '../../tf'
import type { Inputs, KernelArgs } from '../../tf/kernels'
import { type ConvCall, convShape } from '../shared/convShape'

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
