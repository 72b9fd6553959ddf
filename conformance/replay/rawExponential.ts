/**
 * The reference's exponential schedule as it is: 0/0 at step 0, so its weights are NaN after the first update.
 * We differ on purpose (schedule.ts), so what can be compared is: everything before that update, the rates after it,
 * and that ours stays finite where the reference does not.
 * Fields: any_nan_params, per_step with null for NaN. Flags and decay are those of the trajectory beside it whose
 * first step has the same numbers.
 */
import { learningRateAt } from '../../src/core/optim/schedule'
import { backendFactor, type CaseResult, Checks, Unsupported } from './checks'
import { hyperOfFlags, replicaCount } from './flags'
import { type Fields, type Golden, isFields } from './golden'
import { siblingFields, withCompanions } from './goldenFiles'
import { batchAt, replay } from './replay'
import { startOf } from './trainStart'

type Step = Record<string, (number | null)[]> & { lr: number | null }

/** Relative. */
const RATE_TOLERANCE = 1e-5
const METRIC_TOLERANCE = 1e-3

/** Steps that our code takes: the second uses weights that the reference has lost. */
const OUR_STEPS = 2

export function isRawExponential({ json }: Golden): boolean {
  if (!isFields(json) || !('any_nan_params' in json) || !Array.isArray(json.per_step)) return false
  return isFields(json.per_step[0]) && json.per_step[0].lr === null
}

export async function* runRawExponential(golden: Golden): AsyncGenerator<CaseResult> {
  const perStep = (golden.json as { per_step: Step[] }).per_step
  const checks = new Checks()
  const rates = compareRates(checks, perStep)
  const twin = await trajectoryOf(golden, perStep[0])
  const flags = twin.flags as Fields
  const start = startOf(await withCompanions(golden), flags.use_additional_skip_connections === true)
  await replay({
    ...start,
    hyper: hyperOfFlags(flags, Number(twin.weight_decay)),
    rates: rates.slice(0, OUR_STEPS),
    batch: (step) => batchAt(start, step, start.network.numClasses),
    async after(step, numbers, state) {
      const finite = (await state.theta.data()).every(Number.isFinite)
      checks.holds(`weights are finite after step ${step}`, finite)
      if (step > 0) return
      for (const metric of ['gradient_norm', 'train_loss', 'train_error_rate'] as const) {
        const wanted = perStep[0][metric]?.[0]
        if (wanted == null) continue
        checks.scalar(
          `step 0/${metric}`,
          numbers[metric],
          wanted,
          backendFactor() * METRIC_TOLERANCE * wanted,
        )
      }
    },
  })
  yield { name: golden.name, checks, note: 'Differs: our rate at step 0 is the base rate, so no NaN follows' }
}

/**
 * The schedule is known by its ratio: (0.012)^(1/T) from step to step, T the total number of steps, an integer.
 * @returns our rates
 */
function compareRates(checks: Checks, perStep: readonly Step[]): number[] {
  const known = perStep.map(({ lr }) => lr).slice(1)
  if (known.length < 2 || known.some((rate) => rate === null)) throw new Unsupported('fewer than two rates')
  const rates = known as number[]
  const total = Math.log(0.012) / Math.log(rates[1] / rates[0])
  checks.scalar('length of the schedule', total, Math.round(total), 1e-3)
  const config = {
    learning_rate: rates[0] ** 2 / rates[1],
    num_epochs: Math.round(total),
    use_learning_rate_schedule: true,
    lr_schedule: 'exponential',
  } as const
  const ours = perStep.map((_, step) => learningRateAt(config, step, 1))
  checks.compare('lr from step 1 on', ours.slice(1), rates, (rate) => RATE_TOLERANCE * rate)
  return ours
}

async function trajectoryOf(golden: Golden, first: Step): Promise<Fields> {
  const same = (fields: Fields) => {
    if (!isFields(fields.flags) || !Array.isArray(fields.per_step) || replicaCount(fields) !== 1) return false
    const step = fields.per_step[0] as Step
    return ['gradient_norm', 'train_loss'].every((name) => step[name]?.[0] === first[name]?.[0])
  }
  const found = (await siblingFields(golden)).find(same)
  if (!found)
    throw new Unsupported('no trajectory beside it starts with the same numbers, so its flags are unknown')
  return found
}
