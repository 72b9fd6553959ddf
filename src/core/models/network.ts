/**
 * What a network is here: a function of one flat vector θ, with a layout that names its parts.
 * A network is written as closures: building declares parameters with known shapes (no tensors, no GPU), and
 * returns the forward function. Adding one = one file and one registry line.
 */
import type * as tf from '../../engine/tf'

/** `dense` and `kernel` are weights with filters on the last axis; `scale`/`bias` have rank 1. */
export type ParamRole = 'kernel' | 'depthwise_kernel' | 'dense' | 'bias' | 'scale'

/** Fills `out` (the entry's range of θ) in row-major order. */
export type Initializer = (out: Float32Array, shape: readonly number[], random: RandomSource) => void
export interface RandomSource {
  uniform(): number
  normal(): number
  truncatedNormal(): number
}

export interface ParamEntry {
  /** Slash-joined path, the reference's name: `WideResnetGroup_0/WideResnetBlock_0/conv1/kernel`. */
  name: string
  shape: readonly number[]
  /** First element's index in θ. */
  offset: number
  size: number
  role: ParamRole
  init: Initializer
}

/** Entries in the reference's flatten order (keys sorted at every level); `size` = P, the length of θ. */
export interface ParamLayout {
  entries: readonly ParamEntry[]
  size: number
}

export interface StatEntry {
  /** `/path/of/bn:mean` or `:var`. */
  name: string
  shape: readonly number[]
  offset: number
  size: number
}

export interface StatLayout {
  entries: readonly StatEntry[]
  size: number
}

export interface ForwardResult {
  /** [N, classes] */
  logits: tf.Tensor2D
  /** [S] running statistics after this batch (train) or unchanged (eval). */
  batchStats: tf.Tensor1D
}

export interface Network {
  name: string
  /** [height, width, channels] of one image. */
  inputShape: readonly [number, number, number]
  numClasses: number
  params: ParamLayout
  stats: StatLayout
  /**
   * @param theta [P] float32
   * @param batchStats [S] float32
   * @param images [N, H, W, C] float32, normalised
   * @param train true: batch statistics are used and the running ones updated; false: running ones are used
   */
  forward(theta: tf.Tensor1D, batchStats: tf.Tensor1D, images: tf.Tensor4D, train: boolean): ForwardResult
}
