/** A data set in memory as the training core sees it: uint8 pixels and labels, before any normalisation. */
import type { EncodedImages } from '../../engine/ops/decodeImages/decodeImages'
import type { ImageShape } from './augment/image'
import type { Labels } from './labels'
import type { LazyImages } from './shards/lazyImages'

export interface Split {
  /** [count, height, width, channels] uint8, NHWC; of length 0 where they are read when they are needed. */
  images: Uint8Array
  /** Of a set that memory does not hold. */
  lazy?: LazyImages
  /** [count] class indices the run trains or is tested on (after label noise). */
  labels: Labels
  /** Training split under label noise: 1 where the label was replaced; else all 0. */
  wrong: Uint8Array
  count: number
}

export interface Dataset {
  name: string
  /** As the network sees the images. */
  height: number
  width: number
  channels: number
  classNames: readonly string[]
  /** Per channel, in units of pixel/255. */
  mean: readonly number[]
  std: readonly number[]
  train: Split
  test: Split
  /** Of the images in the splits, where it differs from what the network sees. */
  stored?: { height: number; width: number }
  /** Which steps lead from a stored image to the network; absent: those of small images. */
  pipeline?: 'small' | 'imagenet'
}

/** Of the images in the splits. */
export function storedShape({ height, width, channels, stored }: Dataset): ImageShape {
  return { height: stored?.height ?? height, width: stored?.width ?? width, channels }
}

/** One batch ready for the device. */
export interface Batch {
  /** [n, H, W, C] float32, normalised and augmented. */
  images: Float32Array
  /** [n] of each image; under mixup the class of its larger part */
  labels: Labels
  /** Mixup: the share that a label keeps when it is blended with that of row n − 1 − i. */
  mixup?: number
  count: number
}

/** A batch on its way to the device, which may still have to decode and normalise the images. */
export type UploadBatch = Omit<Batch, 'images'> & { images: Float32Array | EncodedImages }
