/** Initial weights and statistics of a run, from its seed alone. */
import { randomStream } from '../../base/random'
import type { Network, ParamRole } from './network'

/** What a run begins with. */
export interface FreshStart {
  /** [P] */
  theta: Float32Array
  /** [S] */
  batchStats: Float32Array
}

const KERNELS: readonly ParamRole[] = ['kernel', 'depthwise_kernel', 'dense']

/**
 * θ₀ [P]; the same network and seed give the same weights everywhere.
 * @param scale of the kernels beside what their initialisers draw
 */
export function initTheta({ params }: Pick<Network, 'params'>, seed: number, scale = 1): Float32Array {
  const random = randomStream(seed, 'init')
  const theta = new Float32Array(params.size)
  for (const { offset, size, shape, init, role } of params.entries) {
    const piece = theta.subarray(offset, offset + size)
    init(piece, shape, random)
    if (scale !== 1 && KERNELS.includes(role)) for (let i = 0; i < size; i++) piece[i] *= scale
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
