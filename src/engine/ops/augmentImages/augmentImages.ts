/** Image operations of AutoAugment and RandAugment on the device, where there is a kernel for them and images are small. */
import { isCpuAdapter } from '../../device/adapter'
import * as tf from '../../tf'
import { currentGpu } from '../../tf/backendParts'
import { runFused } from '../../tf/kernels'
import type { AugmentProgram } from './program'

export const AUGMENT_IMAGES = 'BasinAugmentImages'

/** Longest side: an erased square's edges are bytes. */
const MAX_SIDE = 255

interface Shape {
  height: number
  width: number
  channels: number
}

/** Pixels that the kernel has room for; few sizes, so that few kernels are compiled. */
export const roomFor = ({ height, width }: Shape): number => 256 * Math.ceil((height * width) / 256)

/** Bytes of workgroup memory: the image twice, a histogram and a table of each channel, and what belongs to them. */
const workgroupBytes = (shape: Shape): number => 8 * roomFor(shape) + shape.channels * (1024 + 1024 + 64 + 8)

/** True where the running backend can do image operations on images of this shape. */
export function canAugmentImages(shape: Shape): boolean {
  if (!tf.getKernel(AUGMENT_IMAGES, tf.getBackend())) return false
  const { height, width, channels } = shape
  if (Math.max(height, width) > MAX_SIDE || (channels !== 1 && channels !== 3)) return false
  return workgroupBytes(shape) <= currentGpu()!.limits.maxComputeWorkgroupStorageSize
}

/**
 * True where the device is to do it: it can, and it is a graphics device. An adapter that is a program only takes the
 * processor from the threads, which are faster.
 * @param on where it is asked for instead
 */
export function augmentsImages(shape: Shape, on?: 'device' | 'host'): boolean {
  if (on === 'host' || !canAugmentImages(shape)) return false
  return on === 'device' || !isCpuAdapter(currentGpu()!.adapterInfo)
}

/**
 * @param pixels uint8 [N, H, W, C]
 * @returns int32 [N, H, W]: the changed pixel's channels in a byte each, the first the lowest; the caller's
 */
export function augmentImages(
  pixels: Uint8Array,
  { layers, ops, tables }: AugmentProgram,
  shape: [number, number, number, number],
): tf.Tensor3D {
  return tf.tidy(() => {
    const inputs = { pixels: packedPixels(pixels), ops: tf.tensor1d(ops), tables: tf.tensor1d(tables) }
    return runFused(AUGMENT_IMAGES, inputs, { shape, layers })[0] as tf.Tensor3D
  })
}

/** Bytes as int32, four in each. */
export function packedPixels(pixels: Uint8Array): tf.Tensor1D {
  const words = new Int32Array(Math.ceil(pixels.length / 4))
  new Uint8Array(words.buffer).set(pixels)
  return tf.tensor1d(words, 'int32')
}
