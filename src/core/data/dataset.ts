/** A data set in memory as the training core sees it: uint8 pixels and labels, before any normalisation. */

export interface Split {
  /** [count, height, width, channels] uint8, NHWC. */
  images: Uint8Array
  /** [count] class indices the run trains or is tested on (after label noise). */
  labels: Uint8Array
  /** Training split under label noise: 1 where the label was replaced; else all 0. */
  wrong: Uint8Array
  count: number
}

export interface Dataset {
  name: string
  height: number
  width: number
  channels: number
  classNames: readonly string[]
  /** Per channel, in units of pixel/255. */
  mean: readonly number[]
  std: readonly number[]
  train: Split
  test: Split
}

/** One batch ready for the device. */
export interface Batch {
  /** [n, H, W, C] float32, normalised and augmented. */
  images: Float32Array
  /** [n] */
  labels: Uint8Array
  count: number
}
