/**
 * Which operations an image gets: a draw of AutoAugment or RandAugment, apart from doing them, so that recorded draws
 * can be replayed. Only what is used is drawn; the reference draws a sign for every operation of the whole table first.
 * Source: Cubuk et al. 2019; the reference's autoaugment/autoaugment.py.
 */
import type { ImageShape } from './image'
import { isGeometric, OP_NAMES, type OpName, opValue, type PixelLimits, type PlannedOp } from './ops'
import type { SubPolicy } from './policies'

/** Where the random numbers come from. */
export interface Draws {
  /** Uniform integer in [0, n). */
  int(n: number): number
  /** Uniform in [0, 1), a float32 of 23 bits as TensorFlow draws them: 1 + u never rounds up to 2. */
  unit(): number
}

/** Draws: the sub-policy; for each of its operations whether it is applied, then its sign, then its centre. */
export function planAutoAugment(
  policy: readonly SubPolicy[],
  limits: PixelLimits,
  shape: ImageShape,
  draws: Draws,
): PlannedOp[] {
  const planned: PlannedOp[] = []
  for (const [name, probability, level] of policy[draws.int(policy.length)]) {
    if (happens(draws.unit(), probability)) planned.push(planOp(name, level, limits, shape, draws))
  }
  return planned
}

/** Draws for each layer: the operation, its sign, its centre. Every layer is applied. */
export function planRandAugment(
  numLayers: number,
  magnitude: number,
  limits: PixelLimits,
  shape: ImageShape,
  draws: Draws,
): PlannedOp[] {
  return Array.from({ length: numLayers }, () =>
    planOp(OP_NAMES[draws.int(OP_NAMES.length)], magnitude, limits, shape, draws),
  )
}

function planOp(
  name: OpName,
  level: number,
  limits: PixelLimits,
  { height, width }: ImageShape,
  draws: Draws,
): PlannedOp {
  const value = opValue(name, level, limits)
  if (isGeometric(name)) return { name, value: happens(draws.unit(), 0.5) ? value : -value }
  if (name !== 'Cutout') return { name, value }
  const row = draws.int(height)
  return { name, value, centre: { row, column: draws.int(width) } }
}

/** floor(u + p) = 1 in float32. */
function happens(unit: number, probability: number): boolean {
  return Math.floor(Math.fround(unit + Math.fround(probability))) === 1
}
