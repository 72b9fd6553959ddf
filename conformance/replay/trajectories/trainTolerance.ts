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
import { z } from '../../../src/core/zod'
import { backendFactor } from '../checks'
import { type Metric, stepFields } from './training'

const numbers = z.record(z.string(), z.number())

/** Of a trajectory and its noise floor. */
export const trajectoryFields = {
  batch_size: z.number().optional(),
  steps: z.array(stepFields),
  /** Largest absolute differences of a second run whose weights began with a jitter of 1 ulp. */
  noise_floor: z.strictObject({
    /** By metric, a row a step. */
    steps: z.array(numbers),
    /** By parameter, a row a snapshot. */
    snapshots: z.array(numbers),
    /** By group: params, state, opt. */
    final: numbers,
  }),
}

type Trajectory = z.infer<z.ZodObject<typeof trajectoryFields>>

/** Another implementation is another draw of the same chaos, and the stated floor is one draw of it. */
const FLOORS = { early: 4, late: 8 }
const floorsAt = (step: number) => (step <= 1 ? FLOORS.early : FLOORS.late)
/** A loss is one number and may stray little by luck; it is given at least this share of its gradient norm's floor. */
const LOSS_SHARE = 0.02
/** On top of the floors, relative: rounding, and for the gradient's norm one flipped mask. */
const ROUNDING: Record<Metric, number> = {
  train_loss: 1e-4,
  train_error_rate: 1e-6,
  gradient_norm: 1e-3,
  param_norm: 1e-5,
}
const WEIGHT_TOLERANCE = 2e-5

export interface TrainTolerance {
  metric(name: Metric, step: number): number
  snapshot(name: string, step: number): number
  final(group: 'params' | 'state' | 'opt'): number
  rule: string
}

export function toleranceOf({ batch_size, steps, noise_floor }: Trajectory): TrainTolerance {
  const highest = (rows: readonly Record<string, number>[], name: string, step: number) => {
    let most = 0
    for (let s = 0; s <= Math.min(step, steps.length - 1); s++) most = Math.max(most, rows[s]?.[name] ?? 0)
    return most
  }
  const metricFloor = (name: Metric, step: number) => {
    const own = highest(noise_floor.steps, name, step)
    if (name !== 'train_loss') return own
    return Math.max(own, LOSS_SHARE * highest(noise_floor.steps, 'gradient_norm', step))
  }
  // None is stated for the statistics of several replicas: jittered likewise, ours stray as far as the weights do.
  const finalFloor = (group: string) =>
    noise_floor.final[group] ?? (group === 'state' ? noise_floor.final.params : undefined) ?? 0
  // An example whose two likeliest classes are close changes sides long before a norm shows anything. The golden's
  // floor is one draw, in which none did; of five runs of ours, jittered likewise, one loses or gains an example.
  const oneExample = batch_size === undefined ? 0 : 1 / batch_size
  const factor = backendFactor()
  return {
    metric(name, step) {
      const size = Math.abs(steps[step][name] ?? 0)
      const late = name === 'train_error_rate' && step > 1 ? oneExample : 0
      return factor * ROUNDING[name] * Math.max(1, size) + floorsAt(step) * metricFloor(name, step) + late
    },
    snapshot: (name, step) =>
      factor * WEIGHT_TOLERANCE + floorsAt(step) * highest(noise_floor.snapshots, name, step + 1),
    final: (group) => factor * WEIGHT_TOLERANCE + FLOORS.late * finalFloor(group),
    rule: `to ${FLOORS.early} noise floors at steps 0 and 1, ${FLOORS.late} later`,
  }
}
