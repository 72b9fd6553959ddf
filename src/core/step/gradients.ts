/**
 * The gradient of one update: the method's step, run by every group of replicas, and the mean of what the groups find.
 *     group of replicas   SAM: g₁ = Σ ∇(L_r + decay)(θ);  θ̂ = θ + ρ·g₁/‖g₁‖;  g = Σ ∇(L_r + decay)(θ̂)
 *     all                 1/R · Σ g
 * A replica is a contiguous part of the batch with batch-norm statistics of its own. With groups of one replica each
 * has its own ε̂ (m-sharpness, m = batch / replicas); with one group of all, they share one.
 * Differs: loss and error rate are means over the replicas; the reference logs those of its first device.
 * Source: Foret et al. 2020, alg. 1 and §4.1 (m-sharpness); the reference's training step.
 */
import type * as tf from '../../engine/tf'
import type { Network } from '../models/network'
import { type Turn, turnAt } from '../optim/methods'
import { atOnce } from './atOnce'
import { inTurn } from './inTurn'
import type { Decay } from './objective'
import { perturbationGroup } from './replicas'
import type { BatchGradient, Shares } from './shares'
import { scaled } from './sums'
import type { StepHyper, StepInput } from './types'
import { vectorMath } from './vectorMath'

/**
 * Call inside `tf.tidy`.
 * @param turn whose step it is, and which of its phases
 * @param masks of the method
 */
export function batchGradient(
  network: Network,
  hyper: StepHyper,
  decay: Decay,
  input: StepInput,
  { method, phase }: Turn = turnAt(hyper, 0),
  masks: Record<string, tf.Tensor1D> = {},
): BatchGradient {
  const replicas = hyper.replicas ?? { count: 1, group: 1 }
  const group = method.perGroup ? perturbationGroup(replicas) : replicas.count
  const { theta, slots } = input.state
  const own = Object.fromEntries(method.slots.map(({ name }) => [name, slots[name]]))
  const given = {
    theta,
    scalars: input.rates.method,
    masks,
    settings: hyper,
    phase,
    math: vectorMath,
  }
  const begin: Shares['begin'] = (size) =>
    method.step({ ...given, slots: size === 1 ? own : scaled(own, size) })
  const shares = { network, hyper, decay, input, begin }
  if (!network.crossReplica) return inTurn({ ...shares, count: replicas.count, group })
  // Statistics over all replicas, and one set of weights: that is one pass over the whole batch.
  if (group === replicas.count) return inTurn({ ...shares, count: 1, group: 1 })
  return atOnce({ ...shares, count: replicas.count, group })
}
