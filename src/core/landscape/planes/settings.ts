/** Which line or plane a slice is taken on. */
import { z } from '../../zod'
import { LEAST_VECTORS } from '../curvature/eigenvalues'
import type { Holding, MeasuredRun } from '../measures/measure'
import { SHARED, setting } from '../measures/settings'

export const DIRECTION_KINDS = [
  'random',
  'eigenvectors',
  'gradient',
  'toward',
  'points',
  'trajectory',
] as const
export type DirectionKind = (typeof DIRECTION_KINDS)[number]

const POINT_RULE = 'a run, a run@step, or initial'

export const PLANE_SETTINGS = {
  directions: setting(z.enum(DIRECTION_KINDS).default('random'), {
    label: 'Directions',
    help:
      'random: filter-normalised draws; eigenvectors: the steepest of the Hessian; gradient: ∇L and what ∇L(θ + ε̂) ' +
      'has beside it; toward: another run; points: the plane through two more points; trajectory: where training ' +
      'moved most (trajectory_every).',
  }),
  toward: setting(z.string().max(80).default(''), {
    label: 'Toward',
    help: 'The point that x leads to: a run (sam), a run after a step (sam@200), initial. Empty, and for a run that is named itself: the next run.',
    rule: POINT_RULE,
    shownWith: { name: 'directions', values: ['toward', 'points'] },
  }),
  through: setting(z.string().max(80).default('initial'), {
    label: 'Through',
    help: 'The third point of a plane through points: a run, a run after a step, or initial.',
    rule: POINT_RULE,
    shownWith: { name: 'directions', values: ['points'] },
  }),
  direction_seed: SHARED.direction_seed,
  include_bn_and_bias: SHARED.include_bn_and_bias,
}

export type PlaneSettings = { [Name in keyof typeof PLANE_SETTINGS]: z.output<(typeof PLANE_SETTINGS)[Name]> }

export interface PlaneJob {
  runs: readonly MeasuredRun[]
  settings: PlaneSettings & { num_images?: number }
  signal?: AbortSignal
  /** So many of the weights' length have room. */
  vectors?: number
}

/** What a line or plane takes that is found by products with the Hessian, or by its gradient. */
export function heldFor({
  directions,
}: Pick<PlaneSettings, 'directions'>): Pick<Holding, 'vectors' | 'pass'> {
  if (directions === 'eigenvectors') return { vectors: LEAST_VECTORS, pass: 'product' }
  return { vectors: 0, pass: directions === 'gradient' ? 'product' : 'loss' }
}
