/** Kind `ema_decay`: the effective decay at given steps, and the average of a constant through the end of the warm-up. */
import { emaDecayAt, emaUpdate } from '../../../src/core/optim/ema'
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import type { Checks } from '../checks'
import { kind } from '../kind'

/** A decay is a float32 below one. */
const TOLERANCE = 1e-6

const decays = z.strictObject({
  name: z.string(),
  warmup_steps: z.number(),
  decay: z.number(),
  steps: z.array(z.number()),
  effective_decay: z.array(z.number().nullable()),
})

const running = z.strictObject({
  name: z.string(),
  warmup_steps: z.number(),
  constant: z.number(),
  /** [step, average]; null is the reference's NaN */
  averages: z.array(z.tuple([z.number(), z.number().nullable()])),
})

const fields = z.strictObject({ series: z.array(z.union([decays, running])) })

export const emaDecay = kind('ema_decay', fields, async ({ series }, checks) => {
  for (const one of series) {
    if ('decay' in one) {
      const ours = one.steps.map((step) => emaDecayAt(step, one.decay, one.warmup_steps))
      checks.compare(one.name, ours, one.effective_decay, TOLERANCE)
      continue
    }
    await compareRunning(checks, one)
    if (one.averages.some(([, expected]) => expected === null)) {
      checks.note =
        'Differs: no NaN at the end of the warm-up, where the reference divides by 0 when run eagerly'
    }
  }
})

/** Where the reference has NaN the guarded formula must stay at the constant. */
async function compareRunning(
  checks: Checks,
  { name, warmup_steps, constant, averages }: z.infer<typeof running>,
): Promise<void> {
  const now = tf.tensor1d([constant])
  let average = tf.tensor1d([averages[0]?.[1] ?? constant])
  for (const [step, expected] of averages) {
    // The decay of a constant does not matter; any below one will do.
    average = emaUpdate(average, now, tf.scalar(emaDecayAt(step, 0.9999, warmup_steps)))
    const ours = (await average.data())[0]
    checks.scalar(`${name} at ${step}`, ours, expected ?? constant, TOLERANCE * Math.abs(constant))
  }
}
