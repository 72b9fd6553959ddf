/**
 * The objective whose curvature is looked at,
 *     f(θ) = 1/N·Σ loss(image, label; θ) + λ/2·Σθ²,
 * over a fixed set of images in evaluation mode (running statistics, no gates, no augmentation), and products with its
 * Hessian, summed over batches on the device: one recording, replayed for each.
 */
import { type Captured, type CaptureReport, capture } from '../../../engine/capture/capture'
import { smoothLabels } from '../../../engine/ops/crossEntropy/crossEntropy'
import { flatProgram } from '../../../engine/ops/flat/flat'
import * as tf from '../../../engine/tf'
import { tune } from '../../../engine/tuning/tune'
import type { LossName } from '../../config/losses'
import type { Network } from '../../models/network'
import { meanLoss } from '../../step/loss'
import { type Decay, decayMask, decayPenalty } from '../../step/objective'
import type { DeviceBatch } from '../../step/types'
import { hessianVectorProduct } from '../hessian'
import type { SymmetricOperator } from './operator'

export interface ObjectiveSettings {
  loss: LossName
  labelSmoothing: number
  /** λ; 0 leaves the decay out. */
  weightDecay: number
  /** λ only where a parameter has more than one axis. */
  noWeightDecayOnBn: boolean
}

interface Point {
  /** [P] */
  theta: tf.Tensor1D
  /** [S] */
  batchStats: tf.Tensor1D
}

type Images = Pick<DeviceBatch, 'images' | 'labels'>
interface ProductInput extends Point {
  batch: Images
  v: tf.Tensor1D
  sum: tf.Tensor1D
}
interface GradientInput extends Point {
  batch: Images
  sum: { value: tf.Scalar; gradient: tf.Tensor1D }
}

const scaled = flatProgram({ name: 'curvatureDecay', vectors: ['v'] }, ({ v }, lambda) => v.times(lambda))
const scaledWhere = flatProgram(
  { name: 'curvatureDecayWhere', vectors: ['v', 'mask'] },
  ({ v, mask }, lambda) => v.times(mask).times(lambda),
)

/** What a product may keep on the device: of every layer its map, its tangent, and both their gradients. */
const MAPS = 4
const MAPS_BYTES = 2 ** 29
/** More than that fills any device. */
const MOST_IMAGES = 500

/** Images a product looks at in one pass: batches of one size, or nearly. */
export function productBatch({ layers }: Pick<Network, 'layers'>, count: number): number {
  const perImage = layers.reduce((sum, { out }) => sum + out.reduce((a, b) => a * b, 1), 0)
  const most = Math.max(1, Math.min(MOST_IMAGES, Math.floor(MAPS_BYTES / (4 * MAPS * Math.max(1, perImage)))))
  return Math.ceil(count / Math.ceil(count / most))
}

/** f at one point. Images and weights are borrowed: they must stay alive. */
export class Objective implements SymmetricOperator {
  readonly size: number
  /** N */
  readonly count: number
  readonly #decay: Decay
  readonly #product: Captured<ProductInput, tf.Tensor1D>
  readonly #gradient: Captured<GradientInput, GradientInput['sum']>

  /** @param batches of one size but the last, so that they share a recording */
  constructor(
    network: Network,
    private readonly batches: readonly Images[],
    settings: ObjectiveSettings,
    private point: Point,
  ) {
    this.size = network.params.size
    this.count = batches.reduce((sum, { labels }) => sum + labels.shape[0], 0)
    const { weightDecay } = settings
    const mask = weightDecay > 0 ? decayMask(network, settings.noWeightDecayOnBn) : undefined
    this.#decay = { weightDecay, mask: mask && tf.keep(tf.tensor1d(mask)) }
    const share = ({ labels }: Images) => labels.shape[0] / this.count
    const lossOf = ({ batch, batchStats }: { batch: Images; batchStats: tf.Tensor1D }) => {
      const targets = smoothLabels(batch.labels, settings.labelSmoothing)
      return (theta: tf.Tensor1D): tf.Scalar => {
        const { logits } = network.forward(theta, batchStats, batch.images, false)
        return tf.mul(meanLoss(settings.loss, logits, targets), share(batch))
      }
    }
    this.#product = capture((input) =>
      tf.add(input.sum, hessianVectorProduct(lossOf(input), input.theta, input.v)),
    )
    this.#gradient = capture(({ sum, theta, ...input }) => {
      const { value, grad } = tf.valueAndGrad(lossOf(input) as (t: tf.Tensor) => tf.Tensor)(theta)
      return { value: tf.add(sum.value, value), gradient: tf.add(sum.gradient, grad) }
    })
  }

  /** Moves to other weights; what was recorded stays good. */
  moveTo(point: Point): void {
    this.point = point
  }

  /** Chooses kernels for the products, where they are chosen by timing. */
  async chooseKernels(): Promise<void> {
    const { theta } = this.point
    await tune(() => {
      for (const batch of this.batches) {
        this.#product.record({ ...this.point, batch, v: theta, sum: theta })
        this.#gradient.record({ ...this.point, batch, sum: { value: tf.scalar(0), gradient: theta } })
      }
    })
  }

  product(v: tf.Tensor1D): tf.Tensor1D {
    return tf.tidy(() =>
      this.batches.reduce((sum, batch) => this.#product({ ...this.point, batch, v, sum }), this.#decayed(v)),
    )
  }

  /** @returns f and ∇f [P], the caller's */
  gradient(): { value: tf.Scalar; gradient: tf.Tensor1D } {
    return tf.tidy(() => {
      const { theta } = this.point
      const before = { value: decayPenalty(theta, this.#decay), gradient: this.#decayed(theta) }
      return this.batches.reduce((sum, batch) => this.#gradient({ ...this.point, batch, sum }), before)
    })
  }

  /** What its recordings hold on the device. */
  report(): { product: CaptureReport; gradient: CaptureReport } {
    return { product: this.#product.report(), gradient: this.#gradient.report() }
  }

  dispose(): void {
    this.#product.dispose()
    this.#gradient.dispose()
    this.#decay.mask?.dispose()
  }

  /** The decay's part of a product, λ·v where it applies. */
  #decayed(v: tf.Tensor1D): tf.Tensor1D {
    const { weightDecay, mask } = this.#decay
    if (weightDecay === 0) return tf.zerosLike(v)
    return mask ? scaledWhere({ v, mask }, weightDecay) : scaled({ v }, weightDecay)
  }
}
