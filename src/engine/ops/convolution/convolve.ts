/**
 * A convolution and its gradients: tfjs' own (with our kernels under it), or, where f16 is on, one whose operands are
 * halves. The backward pass then keeps the halves instead of the 32-bit operands.
 */
import * as tf from '../../tf'
import { differentiable, type KernelArgs, runFused } from '../../tf/kernels'
import { gradientScale, inHalves, takesHalves } from '../halves/halves'
import type { ConvShape } from '../shared/convShape'
import { forwardCall } from './calls'

/** Kernel names. */
export const HALF_CONV = {
  forward: 'BasinHalfConv2D',
  inputGradient: 'BasinHalfConv2DInput',
  filterGradient: 'BasinHalfConv2DFilter',
}

/** Attributes of HALF_CONV's kernels, whose operands do not tell their shapes. */
export interface HalfConvAttrs {
  shape: ConvShape
  outShape: number[]
}

/**
 * x ∗ w, NHWC.
 * @param x [N, H, W, Ci]
 * @param w [kh, kw, Ci, Co]
 * @param pad zeros on every side, or as tfjs has them
 */
export function convolve(
  x: tf.Tensor4D,
  w: tf.Tensor4D,
  strides: number,
  pad: 'same' | 'valid' | number,
): tf.Tensor4D {
  const shape = takesHalves(x, w) ? shapeOf(x, w, strides, pad) : undefined
  return shape ? halfConvolution(x, w, shape) : tf.conv2d(x, w, strides, pad)
}

export function halfConvolution(x: tf.Tensor4D, w: tf.Tensor4D, shape: ConvShape): tf.Tensor4D {
  const outShape = [shape.batch, shape.outHeight, shape.outWidth, shape.outChannels]
  const run = (name: string, a: tf.Tensor, b: tf.Tensor, out: number[]) =>
    runFused(name, { a, b }, { shape, outShape: out } satisfies HalfConvAttrs)[0]
  return differentiable(
    { x, w },
    (save) => {
      const [a, b] = [inHalves(x), inHalves(w)]
      save([a, b])
      return [run(HALF_CONV.forward, a, b, outShape)]
    },
    ([dy], [a, b]) => {
      const d = inHalves(dy, gradientScale(shape))
      return {
        x: () => run(HALF_CONV.inputGradient, d, b, x.shape),
        // Asked for last, and always where something is trained.
        w: () => {
          const dw = run(HALF_CONV.filterGradient, a, d, w.shape)
          d.dispose()
          return dw
        },
      }
    },
  )[0] as tf.Tensor4D
}

function shapeOf(
  x: tf.Tensor4D,
  w: tf.Tensor4D,
  strides: number,
  pad: 'same' | 'valid' | number,
): ConvShape | undefined {
  const attrs = { strides, pad, dataFormat: 'NHWC', dilations: 1 }
  return forwardCall({ inputs: { x, filter: w }, attrs } as unknown as KernelArgs)?.shape
}
