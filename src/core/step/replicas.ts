/**
 * Virtual replicas: how many parts a batch is cut into, which of them share a perturbation, and the mean of their
 * batch-norm statistics. The reference trains on that many devices; here they run one after the other.
 */
import * as tf from '../../engine/tf'
import type { RunConfig } from '../config/schema'
import type { Network } from '../models/network'

export interface Replicas {
  /** R; divides the batch. */
  count: number
  /** Contiguous replicas that share one ε̂; divides R. 1: each its own. */
  group: number
}

export type ReplicaConfig = Pick<RunConfig, 'num_replicas' | 'sync_perturbations' | 'inner_group_size'>

export function replicasOf({ num_replicas, sync_perturbations, inner_group_size }: ReplicaConfig): Replicas {
  return { count: num_replicas, group: sync_perturbations ? (inner_group_size ?? num_replicas) : 1 }
}

export const perturbationGroup = ({ count, group }: Replicas): number => Math.min(count, group)

/** How many sets of statistics a training state holds. */
export function statCopies({ crossReplica }: Pick<Network, 'crossReplica'>, count: number): number {
  return crossReplica ? 1 : count
}

/** [S] → [R·S], every replica starting from the same. */
export function copies(values: Float32Array, count: number): Float32Array {
  const out = new Float32Array(values.length * count)
  for (let r = 0; r < count; r++) out.set(values, r * values.length)
  return out
}

/** [R·S] → [S] on the host: what is saved. */
export function meanOfCopies(values: Float32Array, size: number): Float32Array {
  const count = values.length / size
  if (size === 0 || count === 1) return values
  return Float32Array.from({ length: size }, (_, i) => {
    let sum = 0
    for (let r = 0; r < count; r++) sum += values[r * size + i]
    return sum / count
  })
}

/** [R·S] → [S] on the device, what is evaluated; always a tensor of its own. */
export function meanStats(batchStats: tf.Tensor1D, size: number): tf.Tensor1D {
  if (batchStats.size === size) return tf.clone(batchStats)
  return tf.tidy(() => tf.mean(tf.reshape(batchStats, [batchStats.size / size, size]), 0))
}
