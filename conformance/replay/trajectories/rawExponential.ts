/**
 * Kind `raw_exponential`: the reference's exponential schedule as it is: 0/0 at step 0, so its weights are NaN after the
 * first update. We differ on purpose (schedule.ts), so what can be compared is: everything before that update, the rates
 * after it, and that ours stays finite where the reference does not.
 * Tensors: init/, init_state/, images, labels.
 */
import { learningRateAt } from '../../../src/core/optim/schedule'
import { z } from '../../../src/core/zod'
import { Unsupported } from '../../golden'
import { backendFactor, type Checks } from '../checks'
import { kind } from '../kind'
import { hyperOfSettings, replay, type StepFields, startOf, stepFields, trainingFields } from './training'

/** Relative. */
const RATE_TOLERANCE = 1e-5
const METRIC_TOLERANCE = 1e-3

/** Steps that our code takes: the second uses weights that the reference has lost. */
const OUR_STEPS = 2

/** null is the reference's NaN. */
const fields = z.strictObject({ ...trainingFields, steps: z.array(stepFields) })

export const rawExponential = kind(
  'raw_exponential',
  fields,
  async (one, checks, { tensors }) => {
    const rates = compareRates(checks, one.steps)
    await replay({
      ...startOf(one.network, tensors),
      hyper: hyperOfSettings(one),
      rates: rates.slice(0, OUR_STEPS),
      async after(step, numbers, state) {
        const finite = (await state.theta.data()).every(Number.isFinite)
        checks.holds(`weights are finite after step ${step}`, finite)
        if (step > 0) return
        for (const metric of ['gradient_norm', 'train_loss', 'train_error_rate'] as const) {
          const wanted = one.steps[0][metric]
          if (wanted == null) continue
          const tolerance = backendFactor() * METRIC_TOLERANCE * wanted
          checks.scalar(`step 0/${metric}`, numbers[metric], wanted, tolerance)
        }
      },
    })
    checks.note = 'Differs: our rate at step 0 is the base rate, so no NaN follows'
  },
  'train',
)

/**
 * The schedule is known by its ratio: (0.012)^(1/T) from step to step, T the total number of steps, an integer.
 * @returns our rates
 */
function compareRates(checks: Checks, steps: readonly StepFields[]): number[] {
  const rates = steps.slice(1).map(({ learning_rate }) => learning_rate ?? Number.NaN)
  if (rates.length < 2 || rates.some(Number.isNaN)) throw new Unsupported('fewer than two rates')
  const total = Math.log(0.012) / Math.log(rates[1] / rates[0])
  checks.scalar('length of the schedule', total, Math.round(total), 1e-3)
  const config = {
    learning_rate: rates[0] ** 2 / rates[1],
    num_epochs: Math.round(total),
    use_learning_rate_schedule: true,
    lr_schedule: 'exponential',
  } as const
  const ours = steps.map((_, step) => learningRateAt(config, step, 1))
  checks.compare('lr from step 1 on', ours.slice(1), rates, (rate) => RATE_TOLERANCE * rate)
  return ours
}
