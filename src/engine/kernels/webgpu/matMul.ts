/**
 * A dense layer is a 1 × 1 convolution of one-pixel images, and its three products (x·W, dy·Wᵀ, xᵀ·dy) are the
 * convolution's three: on CPU adapters matrix products go to those kernels, which have no barriers.
 */
import type * as tf from '../../tf'
import type { ConvShape } from '../convShape'
import { convFilterGradient, type FilterGradientTile } from './filterGradient'
import { convForward, convInputGradient, type GatherTile } from './gatherConv'
import type { Backend } from './program'

/** op(a)·op(b) for two matrices, not both transposed; undefined for batches of them and for empty ones. */
export function matMul(
  backend: Backend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
  gather: GatherTile,
  filterGradient: FilterGradientTile,
): tf.TensorInfo | undefined {
  const tensors = [a, b]
  if (tensors.some(({ dtype, shape }) => dtype !== 'float32' || shape.includes(0))) return undefined
  if (tensors.some(({ shape }) => shape.slice(0, -2).some((n) => n !== 1))) return undefined
  if (transposeA && transposeB) return undefined
  const [aHeight, aWidth] = a.shape.slice(-2)
  const [bHeight, bWidth] = b.shape.slice(-2)
  let product: tf.TensorInfo
  let outShape: number[]
  if (transposeA) {
    outShape = [aWidth, bWidth]
    product = convFilterGradient(backend, [a, b], onePixel(aHeight, aWidth, bWidth), filterGradient)
  } else if (transposeB) {
    outShape = [aHeight, bHeight]
    product = convInputGradient(backend, [a, b], onePixel(aHeight, bHeight, aWidth), gather)
  } else {
    outShape = [aHeight, bWidth]
    product = convForward(backend, [a, b], onePixel(aHeight, aWidth, bWidth), gather)
  }
  const leading = Math.max(a.shape.length, b.shape.length) - 2
  return { ...product, shape: [...Array<number>(leading).fill(1), ...outShape] }
}

function onePixel(batch: number, inChannels: number, outChannels: number): ConvShape {
  const image = { inHeight: 1, inWidth: 1, outHeight: 1, outWidth: 1, padTop: 0, padLeft: 0 }
  const kernel = { filterHeight: 1, filterWidth: 1, strideHeight: 1, strideWidth: 1 }
  return { batch, inChannels, outChannels, ...image, ...kernel }
}
