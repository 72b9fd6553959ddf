/**
 * A convolution and its gradients: tfjs' own (with our kernels under it), or, where f16 is on, one whose operands are
 * halves. The backward pass then keeps the halves instead of the 32-bit operands.
 */
import { f16IsOn } from '../../device/f16'
import * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'
import type { KernelArgs } from '../../tf/override'
import { gradientScale } from '../halves/webgpu'
import { type ConvShape, forwardCall } from '../shared/convShape'

/** Kernel names. */
export const TO_HALVES = 'BasinToHalves'
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

/** Whether operands are halves here. Second derivatives are those of the 32-bit convolution. */
export const takesHalves = (...tensors: tf.Tensor[]): boolean => f16IsOn() && canFuse(TO_HALVES, ...tensors)

/** `x`·scale in halves; see toHalves. */
export const inHalves = (x: tf.Tensor, scale = 1): tf.Tensor => runFused(TO_HALVES, { x }, { scale })[0]

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

interface PrivateEngine {
  runKernelFunc(op: {
    inputs: tf.NamedTensorMap
    forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => tf.Tensor[]
    backwardsFunc: (dys: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>
  }): tf.Tensor[]
}

/** As tf.customGrad of any results; whose gradients would all be computed, wanted or not: nobody asks for the images'. */
export function differentiable(
  inputs: tf.NamedTensorMap,
  forwardFunc: (save: (tensors: tf.Tensor[]) => void) => tf.Tensor[],
  backwardsFunc: (dys: tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>,
): tf.Tensor[] {
  const engine = tf.engine() as unknown as PrivateEngine
  return engine.runKernelFunc({
    inputs,
    forwardFunc: (_, save) => forwardFunc(save),
    backwardsFunc: (dys, saved) => backwardsFunc([dys].flat(), saved),
  })
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
