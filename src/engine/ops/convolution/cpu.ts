/**
 * A convolution's three products in plain JavaScript, image by image: patch matrix, then one matrix product.
 * One image at a time bounds the scratch memory; sums are double, so that results round once.
 */
import * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { onCpu } from '../shared/callKernels'
import type { ConvShape } from '../shared/convShape'
import { multiplyAdd, packPanels } from '../shared/gemm'
import { Scratch } from '../shared/scratch'
import { filterGradientCall, forwardCall, inputGradientCall } from './calls'
import { addPatchesToImage, imageToPatches, patchLength } from './patches'

const patchRoom = new Scratch()

/** y = x ∗ w. x [N, H, W, Ci], w [kh, kw, Ci, Co] → y [N, H', W', Co]. */
export function conv2d(x: Float32Array, w: Float32Array, s: ConvShape): Float32Array {
  const { pixels, length, inSize, outSize } = sizes(s)
  const filter = packPanels(w, 0, length, s.outChannels, s.outChannels, 1)
  const patches = patchRoom.take(pixels * length)
  const product = new Float64Array(outSize)
  const y = new Float32Array(s.batch * outSize)
  for (let n = 0; n < s.batch; n++) {
    imageToPatches(x, n * inSize, s, patches)
    product.fill(0)
    multiplyAdd(patches, 0, pixels, length, 1, filter, product)
    y.set(product, n * outSize)
  }
  return y
}

/** ∂⟨dy, x ∗ w⟩/∂w: x [N, H, W, Ci], dy [N, H', W', Co] → [kh, kw, Ci, Co]. */
export function conv2dFilterGradient(x: Float32Array, dy: Float32Array, s: ConvShape): Float32Array {
  const { pixels, length, inSize, outSize } = sizes(s)
  const patches = patchRoom.take(pixels * length)
  const sum = new Float64Array(length * s.outChannels)
  for (let n = 0; n < s.batch; n++) {
    imageToPatches(x, n * inSize, s, patches)
    const gradient = packPanels(dy, n * outSize, pixels, s.outChannels, s.outChannels, 1)
    multiplyAdd(patches, 0, length, 1, length, gradient, sum)
  }
  return new Float32Array(sum)
}

/** ∂⟨dy, x ∗ w⟩/∂x: dy [N, H', W', Co], w [kh, kw, Ci, Co] → [N, H, W, Ci]. */
export function conv2dInputGradient(dy: Float32Array, w: Float32Array, s: ConvShape): Float32Array {
  const { pixels, length, inSize, outSize } = sizes(s)
  const filter = packPanels(w, 0, s.outChannels, length, 1, s.outChannels)
  const gradient = new Float64Array(outSize)
  const patches = patchRoom.take(pixels * length)
  const image = new Float64Array(inSize)
  const dx = new Float32Array(s.batch * inSize)
  for (let n = 0; n < s.batch; n++) {
    gradient.set(dy.subarray(n * outSize, (n + 1) * outSize))
    patches.fill(0)
    multiplyAdd(gradient, 0, pixels, s.outChannels, 1, filter, patches)
    image.fill(0)
    addPatchesToImage(patches, s, image)
    dx.set(image, n * inSize)
  }
  return dx
}

function sizes(s: ConvShape) {
  const pixels = s.outHeight * s.outWidth
  return {
    pixels,
    length: patchLength(s),
    inSize: s.inHeight * s.inWidth * s.inChannels,
    outSize: pixels * s.outChannels,
  }
}

export const cpu: Kernels = {
  [tf.Conv2D]: onCpu(forwardCall, conv2d),
  [tf.Conv2DBackpropFilter]: onCpu(filterGradientCall, conv2dFilterGradient),
  [tf.Conv2DBackpropInput]: onCpu(inputGradientCall, conv2dInputGradient),
}
