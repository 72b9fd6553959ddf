/**
 * Replicas with batch-norm statistics of their own: one after the other, and what a pass leaves is freed before the
 * next, so that activations take the memory of batch / replicas.
 */

import { errorPerExample, smoothLabels } from '../../engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../engine/tf'
import type { ForwardOptions } from '../models/network'
import type { Ask, Gradient, MethodResult, MethodStep } from '../optim/methods/method'
import { lossAndGradient, lossOnly } from './objective'
import { type BatchGradient, complete, type Shares } from './shares'
import { added, scaled } from './sums'
import type { DeviceBatch } from './types'

/** A replica's share of a step. */
interface Part {
  batch: DeviceBatch
  targets: tf.Tensor2D
  /** [S] before the step */
  batchStats: tf.Tensor1D
}

/** Call inside `tf.tidy`. */
export function inTurn(shares: Shares): BatchGradient {
  const { count, group, begin } = shares
  const parts = partsOf(shares)
  const stats: tf.Tensor1D[] = []
  let total: Omit<BatchGradient, 'batchStats'> | undefined
  for (let start = 0; start < count; start += group) {
    const members = parts.slice(start, start + group)
    const { batchStats, ...found } = tf.tidy(() =>
      complete(run(begin(group), (ask) => answer(shares, members, ask))),
    )
    stats.push(batchStats)
    total = added(total, found)
  }
  const mean = count === 1 ? total! : scaled(total!, 1 / count)
  return { ...mean, batchStats: joined(stats) }
}

/** Takes a step to its end, answering what it asks. */
export function run(step: MethodStep, answer: (ask: Ask) => Gradient | tf.Scalar): MethodResult {
  let next = step.next()
  while (!next.done) next = step.next(answer(next.value))
  return next.value
}

/** Sums over the members of a group. */
function answer(shares: Shares, members: readonly Part[], ask: Ask): Gradient | tf.Scalar {
  if (ask.want === 'loss') {
    return members.map((part) => lossOf(shares, ask.at, part)).reduce((a, b) => tf.add(a, b))
  }
  const stats: tf.Tensor1D[] = []
  const sums = members.reduce<Omit<Gradient, 'batchStats'> | undefined>((total, part) => {
    const { batchStats, ...pass } = passOver(shares, ask.at, part, ask.purpose === 'ascent')
    stats.push(batchStats)
    return added(total, pass)
  }, undefined)!
  return { ...sums, batchStats: joined(stats) }
}

const joined = (stats: tf.Tensor1D[]): tf.Tensor1D => (stats.length === 1 ? stats[0] : tf.concat1d(stats))

function passOver(
  { network, decay, hyper: { frozenStatistics, loss } }: Shares,
  theta: tf.Tensor1D,
  { batch, targets, batchStats }: Part,
  trueGradient: boolean,
): Gradient {
  const options: ForwardOptions = { gates: batch.gates, trueGradient, frozenStatistics }
  return tf.tidy(() => {
    const pass = lossAndGradient(network, theta, batchStats, batch.images, targets, decay, options, loss)
    const { logits, ...rest } = pass
    return { ...rest, errorRate: tf.mean(errorPerExample(logits, batch.labels)) as tf.Scalar }
  })
}

function lossOf(
  { network, hyper: { frozenStatistics, loss } }: Shares,
  theta: tf.Tensor1D,
  { batch, targets, batchStats }: Part,
): tf.Scalar {
  const options = { gates: batch.gates, frozenStatistics }
  return tf.tidy(() => lossOnly(network, theta, batchStats, batch.images, targets, options, loss))
}

/** Contiguous equal parts of the batch, each with its replica's statistics. */
function partsOf({ input: { batch, state }, hyper, count }: Shares): Part[] {
  const { batchStats } = state
  const targets = smoothLabels(batch.labels, hyper.labelSmoothing)
  if (count === 1) return [{ batch, targets, batchStats }]
  const cut = <T extends tf.Tensor>(tensor: T) => tf.split(tensor, count) as T[]
  const images = cut(batch.images)
  const labels = cut(batch.labels)
  const gates = batch.gates && cut(batch.gates)
  const rows = cut(targets)
  // A network without batch norm has no statistics to cut.
  const stats = batchStats.size === 0 ? images.map(() => batchStats) : cut(batchStats)
  return images.map((part, r) => ({
    batch: { images: part, labels: labels[r], gates: gates?.[r] },
    targets: rows[r],
    batchStats: stats[r],
  }))
}
