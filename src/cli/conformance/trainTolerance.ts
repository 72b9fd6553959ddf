/**
 * How close a trajectory of a ReLU net can be expected to come.
 *
 * The rule: float32 is chaotic here. A pre-activation within a rounding of zero flips its mask, and the difference
 * grows from step to step, at a learning rate of 0.1 to a tenth of a weight within four steps. The goldens state how
 * far a second run of the reference itself strays when its weights are jittered by one unit in the last place (the
 * noise floor). So: what does not depend on an update (step 0) and what depends on one (step 1) is compared tightly,
 * everything later to a few noise floors.
 */
import { backendFactor } from './checks'
import type { Fields } from './golden'

/** A second implementation is another draw of the same chaos; and the floor is one draw of it. */
const FLOORS = 8
/** Relative to the metric's size. */
const METRIC_TOLERANCE = 1e-4
const WEIGHT_TOLERANCE = 2e-5
/** Per example. */
export const EVALUATION_TOLERANCE = 1e-4

export interface TrainTolerance {
  metric(name: string, step: number): number
  snapshot(name: string, step: number): number
  final(group: 'params' | 'state' | 'opt'): number
  evaluation: number
  rule: string
}

export function toleranceOf(fields: Fields): TrainTolerance {
  const floor = floorsOf(fields)
  const factor = backendFactor()
  return {
    metric: (name, step) =>
      factor * scaleOf(fields, name, step) * METRIC_TOLERANCE + FLOORS * floor.metric(name, step),
    snapshot: (name, step) => factor * WEIGHT_TOLERANCE + FLOORS * floor.snapshot(name, step),
    final: (group) => factor * WEIGHT_TOLERANCE + FLOORS * floor.final(group),
    evaluation: factor * EVALUATION_TOLERANCE,
    rule: `within ${FLOORS} noise floors`,
  }
}

function scaleOf(fields: Fields, name: string, step: number): number {
  const value = (fields.per_step as Record<string, number | number[]>[])[step][name]
  return Math.max(1, Math.abs(Array.isArray(value) ? value[0] : value))
}

function floorsOf(fields: Fields) {
  const noise = (fields.noise_floor_init_jitter_1ulp ?? {}) as {
    per_step_abs?: Record<string, number>[]
    snapshots_max_abs?: Record<string, number>[]
    final?: Record<string, { max_abs: number }>
  }
  return {
    metric: (name: string, step: number) => noise.per_step_abs?.[step]?.[name] ?? 0,
    snapshot: (name: string, step: number) => noise.snapshots_max_abs?.[step]?.[name] ?? 0,
    final: (group: string) => noise.final?.[group]?.max_abs ?? 0,
  }
}
