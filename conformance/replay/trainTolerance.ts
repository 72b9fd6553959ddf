/**
 * How close a trajectory of a ReLU net can be expected to come.
 *
 * The rule: float32 is chaotic here. A pre-activation within a rounding of zero flips its mask, and the difference
 * grows from step to step, at a learning rate of 0.1 to a tenth of a weight within four steps. The goldens state how
 * far a second run of the reference itself strays when its weights are jittered by one unit in the last place (the
 * noise floor). So steps 0 and 1, where that floor is still low, are compared tightly and everything later to several
 * floors. Chaos does not heal, so a floor never shrinks from one step to the next, even where one draw of it does;
 * and a mask may flip a step earlier here than there, so weights are given the floor of the step after.
 */
import { backendFactor } from './checks'
import type { Fields } from './golden'

/** Another implementation is another draw of the same chaos, and the stated floor is one draw of it. */
const FLOORS = { early: 4, late: 8 }
const floorsAt = (step: number) => (step <= 1 ? FLOORS.early : FLOORS.late)
/** A loss is one number and may stray little by luck; it is given at least this share of its gradient norm's floor. */
const LOSS_SHARE = 0.02
/** On top of the floors, relative: rounding, and for the gradient's norm one flipped mask. */
const METRICS: Record<string, number> = {
  train_loss: 1e-4,
  train_error_rate: 1e-6,
  gradient_norm: 1e-3,
  param_norm: 1e-5,
}
const WEIGHT_TOLERANCE = 2e-5

export interface TrainTolerance {
  metric(name: string, step: number): number
  snapshot(name: string, step: number): number
  final(group: 'params' | 'state' | 'opt'): number
  rule: string
}

export function toleranceOf(fields: Fields): TrainTolerance {
  const perStep = fields.per_step as Record<string, number | number[]>[]
  const floor = floorsOf(fields, perStep.length)
  // An example whose two likeliest classes are close changes sides long before a norm shows anything. The golden's
  // floor is one draw, in which none did; of five runs of ours, jittered likewise, one loses or gains an example.
  const oneExample = typeof fields.batch === 'number' ? 1 / fields.batch : 0
  const factor = backendFactor()
  return {
    metric(name, step) {
      const value = perStep[step][name]
      const size = Math.abs(Array.isArray(value) ? value[0] : value)
      const late = name === 'train_error_rate' && step > 1 ? oneExample : 0
      return factor * METRICS[name] * Math.max(1, size) + floorsAt(step) * floor.metric(name, step) + late
    },
    snapshot: (name, step) => factor * WEIGHT_TOLERANCE + floorsAt(step) * floor.snapshot(name, step + 1),
    final: (group) => factor * WEIGHT_TOLERANCE + FLOORS.late * floor.final(group),
    rule: `to ${FLOORS.early} noise floors at steps 0 and 1, ${FLOORS.late} later`,
  }
}

function floorsOf(fields: Fields, steps: number) {
  const noise = (fields.noise_floor_init_jitter_1ulp ?? {}) as {
    per_step_abs?: Record<string, number>[]
    snapshots_max_abs?: Record<string, number>[]
    final?: Record<string, { max_abs: number }>
  }
  const highest = (rows: Record<string, number>[] | undefined, name: string, step: number) => {
    let most = 0
    for (let s = 0; s <= Math.min(step, steps - 1); s++) most = Math.max(most, rows?.[s]?.[name] ?? 0)
    return most
  }
  return {
    metric(name: string, step: number) {
      const own = highest(noise.per_step_abs, name, step)
      if (name !== 'train_loss') return own
      return Math.max(own, LOSS_SHARE * highest(noise.per_step_abs, 'gradient_norm', step))
    },
    snapshot: (name: string, step: number) => highest(noise.snapshots_max_abs, name, step),
    // None is stated for the statistics of several replicas: jittered likewise, ours stray as far as the weights do.
    final: (group: string) =>
      (noise.final?.[group] ?? (group === 'state' ? noise.final?.params : undefined))?.max_abs ?? 0,
  }
}
