/**
 * The objective of training and its gradient:
 *     L(θ) + λ/2·Σθ²   with L the mean cross-entropy.
 * The decay's gradient λ·θ is added by hand: it is exact and saves a pass through autodiff.
 */
import { addScaled } from '../../engine/ops/flat'
import * as tf from '../../engine/tf'
import type { Network } from '../models/network'
import { crossEntropyPerExample, maskedMean } from './loss'

export interface LossGradient {
  /** L(θ), without weight decay. */
  loss: tf.Scalar
  /** [P] of the objective, weight decay included. */
  gradient: tf.Tensor1D
  /** [N, C] */
  logits: tf.Tensor2D
  /** [S] after this batch. */
  batchStats: tf.Tensor1D
}

/** 1 where weight decay applies, 0 elsewhere, [P]; undefined when it applies everywhere. */
export function decayMask(
  { params }: Pick<Network, 'params'>,
  noDecayOnRank1: boolean,
): Float32Array | undefined {
  if (!noDecayOnRank1) return undefined
  const mask = new Float32Array(params.size)
  for (const { shape, offset, size } of params.entries)
    if (shape.length > 1) mask.fill(1, offset, offset + size)
  return mask
}

/**
 * Loss and gradient of the objective in training mode. Call inside `tf.tidy`.
 * @param targets [N, C] smoothed labels
 * @param decay λ, and where it applies
 */
export function lossAndGradient(
  network: Network,
  theta: tf.Tensor1D,
  batchStats: tf.Tensor1D,
  images: tf.Tensor4D,
  targets: tf.Tensor2D,
  decay: { weightDecay: number; mask?: tf.Tensor1D },
): LossGradient {
  // tf.valueAndGrad frees what the differentiated function leaves behind; logits and statistics are kept by hand.
  let kept: { logits: tf.Tensor2D; batchStats: tf.Tensor1D } | undefined
  const differentiate = tf.valueAndGrad((t: tf.Tensor) => {
    const result = network.forward(t as tf.Tensor1D, batchStats, images, true)
    kept = { logits: tf.keep(result.logits), batchStats: tf.keep(result.batchStats) }
    return maskedMean(crossEntropyPerExample(result.logits, targets))
  })
  const { value, grad } = differentiate(theta)
  const logits = tf.clone(kept!.logits)
  const stats = tf.clone(kept!.batchStats)
  tf.dispose([kept!.logits, kept!.batchStats])
  return {
    loss: value as tf.Scalar,
    gradient: withDecay(grad as tf.Tensor1D, theta, decay),
    logits,
    batchStats: stats,
  }
}

function withDecay(
  gradient: tf.Tensor1D,
  theta: tf.Tensor1D,
  { weightDecay, mask }: { weightDecay: number; mask?: tf.Tensor1D },
): tf.Tensor1D {
  if (weightDecay === 0) return gradient
  return addScaled(gradient, theta, weightDecay, mask)
}

/** λ/2·Σθ² over the entries that decay. */
export function decayPenalty(
  theta: tf.Tensor1D,
  { weightDecay, mask }: { weightDecay: number; mask?: tf.Tensor1D },
): tf.Scalar {
  const squares = mask ? tf.mul(tf.square(theta), mask) : tf.square(theta)
  return tf.mul(tf.sum(squares), weightDecay / 2)
}

/** L at θ on one batch in training mode, statistics thrown away: what a probe of the sharpness gap needs. */
export function lossOnly(
  network: Network,
  theta: tf.Tensor1D,
  batchStats: tf.Tensor1D,
  images: tf.Tensor4D,
  targets: tf.Tensor2D,
): tf.Scalar {
  const { logits } = network.forward(theta, batchStats, images, true)
  return maskedMean(crossEntropyPerExample(logits, targets))
}
