/**
 * Kind `lr_schedules`: learning rates at given steps; a list of schedules (or one).
 * Fields: `kind`, `steps`, `lr`, and either num_epochs, learning_rate, num_training_obs, batch_size (what a run has)
 * or base, lamba, warmup_epochs (the exponential schedule's own arguments), `steps_per_epoch`.
 */
import { exponentialRate, learningRateAt } from '../../src/core/optim/schedule'
import { type CaseResult, Checks, Unsupported } from './checks'
import { type Fields, type Golden, isFields } from './golden'

/**
 * Relative to the base rate. The goldens are float32: an argument of π or ln 0.012 has an error of 2 · 10⁻⁷ before
 * cos or exp, and grows with every turn past the end.
 */
const TOLERANCE = 1e-6

export function isSchedules({ json }: Golden): boolean {
  const list = entriesOf(json)
  return list.length > 0 && list.every((entry) => 'steps' in entry && 'lr' in entry && 'kind' in entry)
}

const entriesOf = (json: unknown): Fields[] =>
  Array.isArray(json) ? (json.every(isFields) ? json : []) : isFields(json) ? [json] : []

export async function* runSchedules({ name, json }: Golden): AsyncGenerator<CaseResult> {
  const list = entriesOf(json)
  for (const [i, entry] of list.entries()) {
    const label = list.length > 1 ? `${name}[${i}] ${entry.kind}` : `${name} ${entry.kind}`
    try {
      yield { name: label, ...compareSchedule(entry) }
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error
      yield { name: label, unsupported: error.message }
    }
  }
}

function compareSchedule(entry: Fields): { checks: Checks; note?: string } {
  const checks = new Checks()
  const { base, rate, turns } = scheduleOf(entry)
  const steps = entry.steps as number[]
  const expected = entry.lr as (number | null)[]
  if (typeof entry.num_training_obs === 'number' && typeof entry.batch_size === 'number') {
    const perEpoch = Math.floor(entry.num_training_obs / entry.batch_size)
    checks.scalar('steps_per_epoch', perEpoch, Number(entry.steps_per_epoch ?? perEpoch), 0)
  }
  let note: string | undefined
  steps.forEach((step, i) => {
    const wanted = expected[i]
    if (wanted === null && step === 0) {
      note = 'Differs: the reference’s 0/0 at step 0 is a factor of 1 here'
      checks.scalar('lr at step 0', rate(step), base, 0)
      return
    }
    checks.scalar(`lr at step ${step}`, rate(step), wanted, TOLERANCE * base * Math.max(1, turns(step)))
  })
  return { checks, note }
}

interface Schedule {
  base: number
  rate(step: number): number
  /** How often the schedule's length fits into `step`. */
  turns(step: number): number
}

function scheduleOf(entry: Fields): Schedule {
  const number = (...names: string[]) => {
    for (const name of names) if (typeof entry[name] === 'number') return entry[name]
    throw new Unsupported(`field ${names[0]} is missing`)
  }
  const optional = (name: string) => (typeof entry[name] === 'number' ? entry[name] : undefined)
  const kind = String(entry.kind)
  const perEpoch = () =>
    optional('steps_per_epoch') ?? Math.floor(number('num_training_obs') / number('batch_size'))
  const base = number('learning_rate', 'base', 'base_learning_rate')
  if (optional('num_epochs') === undefined && /exponential/.test(kind)) {
    const lambda = number('lamba', 'lambda')
    const warmup = optional('warmup_epochs') ?? 0
    return {
      base,
      rate: (step) => exponentialRate(base, step, perEpoch(), lambda, warmup),
      turns: (step) => step / perEpoch() / lambda,
    }
  }
  const lr_schedule = /cosine/.test(kind) ? 'cosine' : /exponential/.test(kind) ? 'exponential' : undefined
  const constant = /constant/.test(kind)
  if (!lr_schedule && !constant) throw new Unsupported(`schedule ${kind}`)
  const config = {
    learning_rate: base,
    num_epochs: constant ? 1 : number('num_epochs'),
    use_learning_rate_schedule: !constant,
    lr_schedule: lr_schedule ?? 'cosine',
  } as const
  return {
    base,
    rate: (step) => learningRateAt(config, step, perEpoch()),
    turns: (step) => (constant ? 0 : step / (config.num_epochs * perEpoch())),
  }
}
