/**
 * A dense layer is a 1 × 1 convolution of one-pixel images, and its three products (x·W, dy·Wᵀ, xᵀ·dy) are the
 * convolution's three: whatever kernels do those do matrix products too.
 */
import type * as tf from '../../tf'
import type { KernelArgs } from '../../tf/kernels'
import type { ConvShape } from '../shared/convShape'

type Tensors = [tf.TensorInfo, tf.TensorInfo]

/** A matrix product as one of a convolution's products. */
export interface MatMulCall {
  product: 'forward' | 'inputGradient' | 'filterGradient'
  tensors: Tensors
  shape: ConvShape
  outShape: number[]
}

/** op(a)·op(b) for two matrices, not both transposed; undefined for batches of them and for empty ones. */
export function matMulCall({ inputs, attrs }: KernelArgs): MatMulCall | undefined {
  const { a, b } = inputs as Record<'a' | 'b', tf.TensorInfo>
  const { transposeA, transposeB } = attrs as unknown as tf.BatchMatMulAttrs
  const tensors: Tensors = [a, b]
  if (tensors.some(({ dtype, shape }) => dtype !== 'float32' || shape.includes(0))) return undefined
  if (tensors.some(({ shape }) => shape.slice(0, -2).some((n) => n !== 1))) return undefined
  if (transposeA && transposeB) return undefined
  const [aHeight, aWidth] = a.shape.slice(-2)
  const [bHeight, bWidth] = b.shape.slice(-2)
  const leading = Array<number>(Math.max(a.shape.length, b.shape.length) - 2).fill(1)
  if (transposeA) {
    const shape = onePixel(aHeight, aWidth, bWidth)
    return { product: 'filterGradient', tensors, shape, outShape: [...leading, aWidth, bWidth] }
  }
  if (transposeB) {
    const shape = onePixel(aHeight, bHeight, aWidth)
    return { product: 'inputGradient', tensors, shape, outShape: [...leading, aHeight, bHeight] }
  }
  const shape = onePixel(aHeight, aWidth, bWidth)
  return { product: 'forward', tensors, shape, outShape: [...leading, aHeight, bWidth] }
}

/** A dense layer's shape as a convolution's. */
export function onePixel(batch: number, inChannels: number, outChannels: number): ConvShape {
  const image = { inHeight: 1, inWidth: 1, outHeight: 1, outWidth: 1, padTop: 0, padLeft: 0 }
  const kernel = { filterHeight: 1, filterWidth: 1, strideHeight: 1, strideWidth: 1 }
  return { batch, inChannels, outChannels, ...image, ...kernel }
}
