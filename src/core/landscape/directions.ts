/**
 * Random directions scaled to the network they are added to, so that two networks can be compared along them.
 * Source: Li, Xu, Taylor, Studer, Goldstein, "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018, §4.
 */

import { randomStream } from '../../base/random'
import type { ParamEntry, ParamLayout } from '../models/network'

/**
 * Standard normal draw number `k` of `seed`, one value per parameter. It does not depend on the weights: both runs of
 * a pair are looked at along the same draw. Rank-1 entries get values too, so leaving them out shifts nothing.
 */
export function gaussianDraw(size: number, seed: number, k: number): Float32Array {
  const random = randomStream(seed, 'directions', k)
  const draw = new Float32Array(size)
  for (let i = 0; i < size; i++) draw[i] = random.normal()
  return draw
}

/**
 * Filter-wise normalisation: every filter of the direction gets the norm of the same filter of θ. A filter is one
 * output unit: the last axis of HWIO kernels and of [in, out] dense kernels. A filter of zeros stays put.
 * Entries of rank ≤ 1 (batch norm, biases) are zero, or, with `includeBnAndBias`, scaled as one whole each.
 *
 * @param draw [P] raw direction; left as it is
 * @param theta [P]
 * @returns [P]
 */
export function filterNormalised(
  draw: Float32Array,
  theta: Float32Array,
  params: ParamLayout,
  includeBnAndBias: boolean,
): Float32Array {
  const direction = new Float32Array(params.size)
  for (const entry of params.entries) {
    if (entry.shape.length > 1) scaleFilters(direction, draw, theta, entry, filterCount(entry))
    else if (includeBnAndBias) scaleFilters(direction, draw, theta, entry, 1)
  }
  return direction
}

/** How many filters interleave along an entry's last axis. Depthwise kernels [h, w, C, 1] have one per channel. */
function filterCount(entry: Pick<ParamEntry, 'shape' | 'role'>): number {
  const last = entry.shape[entry.shape.length - 1]
  return entry.role === 'depthwise_kernel' ? last * entry.shape[entry.shape.length - 2] : last
}

function scaleFilters(
  out: Float32Array,
  draw: Float32Array,
  theta: Float32Array,
  { offset, size }: ParamEntry,
  filters: number,
): void {
  const drawSquares = new Float64Array(filters)
  const thetaSquares = new Float64Array(filters)
  for (let i = 0; i < size; i++) {
    drawSquares[i % filters] += draw[offset + i] ** 2
    thetaSquares[i % filters] += theta[offset + i] ** 2
  }
  for (let i = 0; i < size; i++) {
    const filter = i % filters
    const scale = drawSquares[filter] > 0 ? Math.sqrt(thetaSquares[filter] / drawSquares[filter]) : 0
    out[offset + i] = draw[offset + i] * scale
  }
}
