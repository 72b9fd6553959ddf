/**
 * Replicas whose batch norm looks at all of them while every group has a point of its own: one pass over the whole
 * batch, in which each replica's part meets its group's weights. All groups take their steps side by side, pass by
 * pass. A replica's gradient holds the others' losses as well, which depend on its weights through the shared statistics.
 */

import { errorPerExample, smoothLabels } from '../../engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../engine/tf'
import type { Ask, Gradient, MethodResult } from '../optim/methods/method'
import { lossAndGradient, lossOnly } from './objective'
import { type BatchGradient, complete, type Shares } from './shares'
import { added, scaled } from './sums'

/** Call inside `tf.tidy`. */
export function atOnce(shares: Shares): BatchGradient {
  const { count, group, begin } = shares
  const steps = Array.from({ length: count / group }, () => begin(group))
  const pass = passes(shares)
  let asked = steps.map((step) => step.next())
  let last: Pass | undefined
  while (!asked[0].done) {
    // Same method, same phase: all ask for the same, each at its own point.
    const points = asked.flatMap(({ value }) => Array<tf.Tensor1D>(group).fill((value as Ask).at))
    const found = pass(asked[0].value, points)
    if (!(found instanceof tf.Tensor)) last = found
    asked = steps.map((step, k) => step.next(found instanceof tf.Tensor ? found : found.groups[k]))
  }
  const results = asked.map(({ value }) => complete(value as MethodResult))
  // What the last pass computed is averaged as it stands: once, over all replicas.
  const isPlain = results.every(({ gradient }, k) => gradient === last?.groups[k].gradient)
  // Loss, errors and statistics are of the whole batch already, for every group the same.
  return {
    ...results[0],
    gradient: isPlain ? tf.mean(last!.rows, 0) : meanOf(results, 'gradient', count),
    slots: meanOf(results, 'slots', count),
  }
}

/** Of what every group has as a sum over its members. */
function meanOf<K extends 'gradient' | 'slots'>(results: BatchGradient[], key: K, count: number) {
  const sum = results.map((result) => ({ [key]: result[key] }) as Pick<BatchGradient, K>)
  return scaled(
    sum.reduce((total, next) => added(total, next)),
    1 / count,
  )[key]
}

interface Pass {
  /** [R, P] of every replica. */
  rows: tf.Tensor2D
  /** The same for each group: its gradient is the sum over its members. */
  groups: Gradient[]
}

/** Passes over the whole batch, replica r at points[r]. */
function passes({ network, hyper, decay, input: { state, batch }, group }: Shares) {
  const targets = smoothLabels(batch.labels, hyper.labelSmoothing)
  return (ask: Ask, points: tf.Tensor1D[]): Pass | tf.Scalar => {
    const theta = tf.stack(points) as tf.Tensor2D
    const { gates } = batch
    const { frozenStatistics, loss } = hyper
    if (ask.want === 'loss') {
      const options = { gates, frozenStatistics }
      return lossOnly(network, theta, state.batchStats, batch.images, targets, options, loss)
    }
    const options = { gates, trueGradient: ask.purpose === 'ascent', frozenStatistics }
    const {
      gradient: rows,
      logits,
      ...whole
    } = lossAndGradient(network, theta, state.batchStats, batch.images, targets, decay, options, loss)
    const errorRate = tf.mean(errorPerExample(logits, batch.labels)) as tf.Scalar
    const own = tf.unstack(rows) as tf.Tensor1D[]
    const groups = Array.from({ length: points.length / group }, (_, k) => ({
      ...whole,
      errorRate,
      gradient: own.slice(k * group, (k + 1) * group).reduce((a, b) => tf.add(a, b)),
    }))
    return { rows, groups }
  }
}
