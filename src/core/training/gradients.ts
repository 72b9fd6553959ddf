/**
 * The gradient of one step, before clipping and update: one pass for SGD, two for SAM, over one or several replicas.
 *     group of replicas   g₁ = mean of ∇(L_r + decay)(θ);  θ̂ = θ + ρ·g₁/‖g₁‖
 *     all                 g = mean over r of ∇(L_r + decay)(θ̂ of r's group)
 * A replica is a contiguous part of the batch with batch-norm statistics of its own. With groups of one replica each
 * has its own ε̂ (m-sharpness, m = batch / replicas); with one group of all, they share one. Replicas run one after
 * the other, and what a pass leaves is freed before the next: activations take the memory of batch / replicas.
 * Under SAM the statistics of the first pass are kept (clean weights) and the errors of the second.
 * Differs: loss and error rate are means over the replicas; the reference logs those of its first device.
 * Source: Foret et al. 2020, alg. 1 and §4.1 (m-sharpness); the reference's training step.
 */

import { errorPerExample, smoothLabels } from '../../engine/ops/crossEntropy/crossEntropy'
import { addScaled, scale } from '../../engine/ops/flat/flat'
import * as tf from '../../engine/tf'
import type { ForwardOptions, Network } from '../models/network'
import { perturb } from '../optim/sam'
import { type Decay, lossAndGradient, lossOnly } from './objective'
import { perturbationGroup } from './replicas'
import type { DeviceBatch, StepHyper, StepInput } from './stepTypes'

export interface BatchGradient {
  /** L(θ), mean over the replicas. */
  loss: tf.Scalar
  /** L(θ + ε̂); NaN where it was not measured. */
  perturbedLoss: tf.Scalar
  errorRate: tf.Scalar
  /** [P] */
  gradient: tf.Tensor1D
  /** [R·S] of the clean pass; [S] where replicas share their statistics. */
  batchStats: tf.Tensor1D
}

/** What a pass over one replica adds to the mean. */
type PassSums = { loss: tf.Scalar; errorRate: tf.Scalar; gradient: tf.Tensor1D }

interface Part {
  batch: DeviceBatch
  targets: tf.Tensor2D
  /** [S] before the step */
  batchStats: tf.Tensor1D
  /** Batch norm keeps to them (fine-tuning). */
  frozenStatistics?: boolean
}

/** Call inside `tf.tidy`. */
export function batchGradient(
  network: Network,
  hyper: StepHyper,
  decay: Decay,
  input: StepInput,
): BatchGradient {
  const replicas = hyper.replicas ?? { count: 1, group: 1 }
  const group = hyper.rho > 0 ? perturbationGroup(replicas) : replicas.count
  if (!network.crossReplica) return apart(network, hyper, decay, input, replicas.count, group)
  // Statistics over all replicas, and one set of weights: that is one pass over the whole batch.
  if (group === replicas.count) return apart(network, hyper, decay, input, 1, 1)
  return together(network, hyper, decay, input, replicas.count, group)
}

function apart(
  network: Network,
  hyper: StepHyper,
  decay: Decay,
  { state, batch, rates }: StepInput,
  count: number,
  group: number,
): BatchGradient {
  const parts = partsOf(batch, state.batchStats, hyper, count)
  const stats: tf.Tensor1D[] = []
  let total: (PassSums & { perturbedLoss: tf.Scalar }) | undefined
  for (let start = 0; start < count; start += group) {
    const members = parts.slice(start, start + group)
    const clean = members.reduce<PassSums | undefined>((sums, part) => {
      const { batchStats, ...pass } = passOver(network, decay, state.theta, part, hyper.rho > 0)
      stats.push(batchStats)
      return sum(sums, pass)
    }, undefined)!
    total = sum(total, ascend(clean, members))
  }
  const mean = count === 1 ? total! : scaled(total!, 1 / count)
  return { ...mean, batchStats: count === 1 ? stats[0] : tf.concat1d(stats) }

  function ascend(clean: PassSums, members: readonly Part[]) {
    // The sum will do for the mean: only its direction counts.
    const point = rates.rho && perturb(state.theta, clean.gradient, rates.rho)
    if (!point) return { ...clean, perturbedLoss: tf.scalar(Number.NaN) }
    if (hyper.rho === 0) {
      const losses = members.map((part) => probe(network, point, part))
      return { ...clean, perturbedLoss: losses.reduce((a, b) => tf.add(a, b)) }
    }
    const used = members.reduce<PassSums | undefined>((sums, part) => {
      const { batchStats, ...pass } = passOver(network, decay, point, part, false)
      batchStats.dispose()
      return sum(sums, pass)
    }, undefined)!
    tf.dispose([point, clean.gradient, clean.errorRate])
    return { ...used, loss: clean.loss, perturbedLoss: used.loss }
  }
}

/**
 * Replicas whose batch norm looks at all of them while every group has its own θ̂: one pass over the whole batch, in
 * which each replica's part meets its own weights. A replica's gradient holds the others' losses as well, which
 * depend on its weights through the shared statistics.
 */
function together(
  network: Network,
  { labelSmoothing, frozenStatistics }: StepHyper,
  decay: Decay,
  { state, batch, rates }: StepInput,
  count: number,
  group: number,
): BatchGradient {
  const targets = smoothLabels(batch.labels, labelSmoothing)
  const passAt = (points: tf.Tensor1D[], trueGradient: boolean) => {
    const options = { gates: batch.gates, trueGradient, frozenStatistics }
    const theta = tf.stack(points) as tf.Tensor2D
    return lossAndGradient(network, theta, state.batchStats, batch.images, targets, decay, options)
  }
  const all = Array.from({ length: count }, (_, r) => r)
  const clean = passAt(
    all.map(() => state.theta),
    true,
  )
  const gradients = tf.unstack(clean.gradient) as tf.Tensor1D[]
  const points = all.map((r) => {
    const first = r - (r % group)
    const direction = gradients.slice(first, first + group).reduce((a, b) => tf.add(a, b))
    return perturb(state.theta, direction, rates.rho!)
  })
  const used = passAt(points, false)
  return {
    loss: clean.loss,
    perturbedLoss: used.loss,
    errorRate: tf.mean(errorPerExample(used.logits, batch.labels)),
    gradient: tf.mean(used.gradient, 0),
    batchStats: clean.batchStats,
  }
}

function passOver(
  network: Network,
  decay: Decay,
  theta: tf.Tensor1D,
  { batch, targets, batchStats, frozenStatistics }: Part,
  trueGradient: boolean,
) {
  const options: ForwardOptions = { gates: batch.gates, trueGradient, frozenStatistics }
  return tf.tidy(() => {
    const { logits, ...pass } = lossAndGradient(
      network,
      theta,
      batchStats,
      batch.images,
      targets,
      decay,
      options,
    )
    return { ...pass, errorRate: tf.mean(errorPerExample(logits, batch.labels)) as tf.Scalar }
  })
}

function probe(network: Network, theta: tf.Tensor1D, part: Part): tf.Scalar {
  const { batch, targets, batchStats, frozenStatistics } = part
  const options = { gates: batch.gates, frozenStatistics }
  return tf.tidy(() => lossOnly(network, theta, batchStats, batch.images, targets, options))
}

/** Contiguous equal parts of the batch, each with its replica's statistics. */
function partsOf(
  batch: DeviceBatch,
  batchStats: tf.Tensor1D,
  { labelSmoothing, frozenStatistics }: StepHyper,
  count: number,
): Part[] {
  const targets = smoothLabels(batch.labels, labelSmoothing)
  if (count === 1) return [{ batch, targets, batchStats, frozenStatistics }]
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
    frozenStatistics,
  }))
}

/** Adds up field by field, and frees the terms: of a whole step's passes only their sum is held. */
function sum<T extends Record<string, tf.Tensor>>(total: T | undefined, next: T): T {
  if (!total) return next
  const entries = Object.entries(next).map(([name, value]) => [name, added(total[name], value)])
  tf.dispose([...Object.values(total), ...Object.values(next)])
  return Object.fromEntries(entries)
}

function scaled<T extends Record<string, tf.Tensor>>(sums: T, factor: number): T {
  return Object.fromEntries(Object.entries(sums).map(([name, value]) => [name, times(value, factor)])) as T
}

// Gradients may be longer than the device binds at once; the kernels of flat vectors work on ranges.
const isVector = (tensor: tf.Tensor): tensor is tf.Tensor1D => tensor.rank === 1

const added = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  isVector(a) && isVector(b) ? addScaled(a, b, 1) : tf.add(a, b)

const times = (a: tf.Tensor, factor: number): tf.Tensor =>
  isVector(a) ? scale(a, factor) : tf.mul(a, factor)
