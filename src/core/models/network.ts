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

/** A random number a layer draws for every example of a training batch; see gates.ts. */
export interface GateSpec {
  /** `WideResnetShakeShakeGroup_0/ShakeShakeBlock_0/forward` */
  name: string
  /** Numbers per example. */
  width: number
  /** First column in the batch's gates. */
  offset: number
  distribution: GateDistribution
}

export type GateDistribution =
  | { kind: 'uniform'; low: number; high: number }
  /** 1 with this probability, else 0. */
  | { kind: 'bernoulli'; probability: number }

/** In the order in which a forward pass asks for them; `width` = W, the columns of the batch's gates. */
export interface GateLayout {
  entries: readonly GateSpec[]
  width: number
}

/** One line of a network's summary: a layer, its shapes for one image, and what it costs. */
export interface LayerRow {
  /** Path of its parameters, or of the module it belongs to. */
  path: string
  /** `conv 3×3 / 2`, `batch norm`, `dense` … */
  kind: string
  in: readonly number[]
  out: readonly number[]
  params: number
  /** Floating-point operations of one image's forward pass: two for each multiply-add of a convolution or product. */
  flops: number
}

/** What a training pass may bring along, beside weights and images. */
export interface ForwardOptions {
  /** [N, W] this batch's draws; needed in training by networks with gates. */
  gates?: tf.Tensor2D
  /** The backward pass uses the forward pass's gates: the gradient of the function as it was computed. */
  trueGradient?: boolean
  /** Batch norm uses its running statistics in training too (fine-tuning); scale and shift still train. */
  frozenStatistics?: boolean
  /** Sees every layer's and module's output, by path with a leading slash. */
  observe?(path: string, output: tf.Tensor): void
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
  gates: GateLayout
  /** Layers in the order of the forward pass. */
  layers: readonly LayerRow[]
  /** Paths of modules without parameters; a Flax file has them. */
  emptyModules: readonly string[]
  /** Batch norm takes its statistics over all replicas, so these share one set of statistics. */
  crossReplica: boolean
  /**
   * @param theta [P] float32; or [R, P], the weights of R replicas, each for its contiguous part of the batch
   * @param batchStats [S] float32
   * @param images [N, H, W, C] float32, normalised
   * @param train true: batch statistics are used and the running ones updated; false: running ones are used
   */
  forward(
    theta: tf.Tensor1D | tf.Tensor2D,
    batchStats: tf.Tensor1D,
    images: tf.Tensor4D,
    train: boolean,
    options?: ForwardOptions,
  ): ForwardResult
}
