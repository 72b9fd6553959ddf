/** Kind `lr_schedules`: learning rates at given steps. */
import { exponentialRate, learningRateAt } from '../../../src/core/optim/schedule'
import { z } from '../../../src/core/zod'
import { kind } from '../kind'

/**
 * Relative to the base rate. The goldens are float32: an argument of π or ln 0.012 has an error of 2 · 10⁻⁷ before
 * cos or exp, and grows with every turn past the end.
 */
const TOLERANCE = 1e-6

const fields = z.strictObject({
  schedule: z.discriminatedUnion('type', [
    z.strictObject({ type: z.enum(['cosine', 'exponential']), num_epochs: z.number() }),
    z.strictObject({ type: z.literal('constant') }),
    /** The exponential schedule by its own arguments. */
    z.strictObject({ type: z.literal('decay'), lambda: z.number(), warmup_epochs: z.number() }),
  ]),
  learning_rate: z.number(),
  steps_per_epoch: z.number(),
  /** What the steps per epoch are counted from. */
  num_training_obs: z.number().optional(),
  batch_size: z.number().optional(),
  steps: z.array(z.number()),
  /** null is the reference's NaN. */
  rates: z.array(z.number().nullable()),
})

type Fields = z.infer<typeof fields>

export const schedules = kind('lr_schedules', fields, async (one, checks) => {
  const { num_training_obs, batch_size, learning_rate: base } = one
  if (num_training_obs !== undefined && batch_size !== undefined) {
    checks.scalar('steps_per_epoch', Math.floor(num_training_obs / batch_size), one.steps_per_epoch, 0)
  }
  const { rate, turns } = scheduleOf(one)
  one.steps.forEach((step, i) => {
    const wanted = one.rates[i]
    if (wanted === null && step === 0) {
      checks.note = 'Differs: the reference’s 0/0 at step 0 is a factor of 1 here'
      checks.scalar('lr at step 0', rate(step), base, 0)
      return
    }
    checks.scalar(`lr at step ${step}`, rate(step), wanted, TOLERANCE * base * Math.max(1, turns(step)))
  })
})

interface Schedule {
  rate(step: number): number
  /** How often the schedule's length fits into `step`. */
  turns(step: number): number
}

function scheduleOf({ schedule, learning_rate, steps_per_epoch: perEpoch }: Fields): Schedule {
  if (schedule.type === 'decay') {
    const { lambda, warmup_epochs } = schedule
    return {
      rate: (step) => exponentialRate(learning_rate, step, perEpoch, lambda, warmup_epochs),
      turns: (step) => step / perEpoch / lambda,
    }
  }
  const constant = schedule.type === 'constant'
  const config = {
    learning_rate,
    num_epochs: constant ? 1 : schedule.num_epochs,
    use_learning_rate_schedule: !constant,
    lr_schedule: constant ? 'cosine' : schedule.type,
  } as const
  return {
    rate: (step) => learningRateAt(config, step, perEpoch),
    turns: (step) => (constant ? 0 : step / (config.num_epochs * perEpoch)),
  }
}
