/**
 * The objective of training and its gradient:
 *     L(θ) + λ/2·Σθ²   with L the mean loss.
 * The decay's gradient λ·θ is added by hand: it is exact and saves a pass through autodiff.
 */
import { flatProgram } from '../../engine/ops/flat/flat'
import * as tf from '../../engine/tf'
import type { LossName } from '../config/losses'
import type { ForwardOptions, Network } from '../models/network'
import { meanLoss } from './loss'

/** One vector, or [R, P]: every replica's own. */
type Theta = tf.Tensor1D | tf.Tensor2D

export type LossGradient<T extends Theta = tf.Tensor1D> = {
  /** L(θ), without weight decay. */
  loss: tf.Scalar
  /** Like θ: of the objective, weight decay included. */
  gradient: T
  /** [N, C] */
  logits: tf.Tensor2D
  /** [S] after this batch. */
  batchStats: tf.Tensor1D
}

/** λ, and where it applies: everywhere, or [P] of 1 and 0. */
export interface Decay {
  weightDecay: number
  mask?: tf.Tensor1D
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
 * Given [R, P] the loss is the mean over replicas, and row r the gradient of the SUM of their losses by replica r's
 * weights: what each device of the reference computes where batch norm looks across replicas.
 * @param targets [N, C] smoothed labels
 */
export function lossAndGradient<T extends Theta>(
  network: Network,
  theta: T,
  batchStats: tf.Tensor1D,
  images: tf.Tensor4D,
  targets: tf.Tensor2D,
  decay: Decay,
  options?: ForwardOptions,
  loss: LossName = 'cross_entropy',
): LossGradient<T> {
  // tf.valueAndGrad frees what the differentiated function leaves behind; logits and statistics are kept by hand.
  let kept: { logits: tf.Tensor2D; batchStats: tf.Tensor1D } | undefined
  const differentiate = tf.valueAndGrad((t: tf.Tensor) => {
    const result = network.forward(t as T, batchStats, images, true, options)
    kept = { logits: tf.keep(result.logits), batchStats: tf.keep(result.batchStats) }
    return meanLoss(loss, result.logits, targets)
  })
  const { value, grad } = differentiate(theta)
  const logits = tf.clone(kept!.logits)
  const stats = tf.clone(kept!.batchStats)
  tf.dispose([kept!.logits, kept!.batchStats])
  const ofSum = theta.rank === 2 ? tf.mul(grad, theta.shape[0]) : grad
  return {
    loss: value as tf.Scalar,
    gradient: withDecay(ofSum as T, theta, decay),
    logits,
    batchStats: stats,
  }
}

const decayed = flatProgram({ name: 'decayed', vectors: ['g', 'theta'] }, ({ g, theta }, lambda) =>
  g.plus(lambda.times(theta)),
)

/** Only where mask is 1. */
const decayedWhere = flatProgram(
  { name: 'decayedWhere', vectors: ['g', 'theta', 'mask'] },
  ({ g, theta, mask }, lambda) => g.plus(lambda.times(theta.times(mask))),
)

function withDecay<T extends Theta>(gradient: T, theta: T, { weightDecay, mask }: Decay): T {
  if (weightDecay === 0) return gradient
  const [g, t] = [gradient as tf.Tensor, theta as tf.Tensor]
  if (t.rank > 1) return tf.add(g, tf.mul(mask ? tf.mul(t, mask) : t, weightDecay)) as T
  const made = mask ? decayedWhere({ g, theta: t, mask }, weightDecay) : decayed({ g, theta: t }, weightDecay)
  return made as tf.Tensor as T
}

/** λ/2·Σθ² over the entries that decay. */
export function decayPenalty(theta: tf.Tensor1D, { weightDecay, mask }: Decay): tf.Scalar {
  const squares = mask ? tf.mul(tf.square(theta), mask) : tf.square(theta)
  return tf.mul(tf.sum(squares), weightDecay / 2)
}

/** L at θ on one batch in training mode, statistics thrown away: what a probe of the sharpness gap needs. */
export function lossOnly(
  network: Network,
  theta: Theta,
  batchStats: tf.Tensor1D,
  images: tf.Tensor4D,
  targets: tf.Tensor2D,
  options?: ForwardOptions,
  loss: LossName = 'cross_entropy',
): tf.Scalar {
  const { logits } = network.forward(theta, batchStats, images, true, options)
  return meanLoss(loss, logits, targets)
}
