/** Initial weights and statistics of a run, from its seed alone. */
import { randomStream } from '../../base/random'
import type { Network } from './network'

/** What a run begins with. */
export interface FreshStart {
  /** [P] */
  theta: Float32Array
  /** [S] */
  batchStats: Float32Array
}

/** θ₀ [P]; the same network and seed give the same weights everywhere. */
export function initTheta({ params }: Pick<Network, 'params'>, seed: number): Float32Array {
  const random = randomStream(seed, 'init')
  const theta = new Float32Array(params.size)
  for (const { offset, size, shape, init } of params.entries) {
    init(theta.subarray(offset, offset + size), shape, random)
  }
  return theta
}

/** Running means 0, running variances 1: [S]. */
export function initBatchStats({ stats }: Pick<Network, 'stats'>): Float32Array {
  const values = new Float32Array(stats.size)
  for (const { name, offset, size } of stats.entries) {
    if (name.endsWith(':var')) values.fill(1, offset, offset + size)
  }
  return values
}
