/**
 * A convolution and its input gradient are the same walk: each result pixel gathers, over the filter's taps, a source
 * pixel times a block of the filter, forwards or backwards. With strides the input gradient is split in stride² phases
 * of pixels that meet the same taps, so that no tap is visited in vain.
 */
import { gradientScale } from '../../halves/halves'
import type { ConvShape } from '../../shared/convShape'

export type Direction = 'forward' | 'backward'

/**
 * Target pixel p of phase φ meets the taps k = (φ + shift) mod phases, k + phases, …; the first at source pixel
 * (p·pace + shift − k)/phases, each further one a pixel on (forward) or back (backward). Pairs are (row, column).
 */
export interface Walk {
  batch: number
  source: [number, number]
  goal: [number, number]
  sourceChannels: number
  targetChannels: number
  kernel: [number, number]
  pace: [number, number]
  shift: [number, number]
  phases: [number, number]
}

/** y = x ∗ w: from x [N, H, W, Ci] to y [N, H', W', Co]. */
export const forwardWalk = (s: ConvShape): Walk => ({
  batch: s.batch,
  source: [s.inHeight, s.inWidth],
  goal: [s.outHeight, s.outWidth],
  sourceChannels: s.inChannels,
  targetChannels: s.outChannels,
  kernel: [s.filterHeight, s.filterWidth],
  pace: [s.strideHeight, s.strideWidth],
  shift: [-s.padTop, -s.padLeft],
  phases: [1, 1],
})

/** ∂⟨dy, x ∗ w⟩/∂x: from dy [N, H', W', Co] to dx [N, H, W, Ci]. */
export const backwardWalk = (s: ConvShape): Walk => ({
  batch: s.batch,
  source: [s.outHeight, s.outWidth],
  goal: [s.inHeight, s.inWidth],
  sourceChannels: s.outChannels,
  targetChannels: s.inChannels,
  kernel: [s.filterHeight, s.filterWidth],
  pace: [1, 1],
  shift: [s.padTop, s.padLeft],
  phases: [s.strideHeight, s.strideWidth],
})

/** Pixels of one phase, the largest. */
export const phaseSize = ({ goal, phases }: Walk): [number, number] => [
  Math.ceil(goal[0] / phases[0]),
  Math.ceil(goal[1] / phases[1]),
]

/** Two a weight and result pixel of the forward convolution (taps that fall beside the image counted too). */
export function walkFlops(direction: Direction, { batch, source, goal, kernel, ...channels }: Walk): number {
  const [height, width] = direction === 'forward' ? goal : source
  const weights = kernel[0] * kernel[1] * channels.sourceChannels * channels.targetChannels
  return 2 * batch * height * width * weights
}

/** What kernels of halves multiply their sums by; undefined for 32-bit operands. */
export function resultScale(half: boolean, direction: Direction, s: ConvShape): number | undefined {
  if (!half) return undefined
  return direction === 'forward' ? 1 : 1 / gradientScale(s)
}
