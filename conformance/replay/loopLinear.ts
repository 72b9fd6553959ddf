/**
 * Kind `train_loop_linear`: the training loop end to end on one dense layer: scalars of every epoch, final weights.
 * Fields: `what` (sizes, initial weights, rate, decay, in words), `runs` of {flags, events, final_checkpoint}.
 */

import { makeEvaluate } from '../../src/core/evaluation/evaluate'
import { learningRateAt } from '../../src/core/optim/schedule'
import type { TrainState } from '../../src/core/step/types'
import { backendFactor, type CaseResult, Checks, Unsupported } from './checks'
import { hyperOfFlags } from './flags'
import { type Fields, type Golden, isFields } from './golden'
import { linearNet } from './goldenNetworks'
import { batchOf, type LoopSetting, settingOf } from './loopSetting'
import { replay, type StepNumbers, stateArrays } from './replay'
import { compareEntries } from './vectors'

/** Relative to values of about one: float32 over a dozen steps. */
const TOLERANCE = 5e-6

interface Run {
  flags: Fields
  events: [step: number, tag: string, value: number][]
  final_checkpoint: Fields
}

export function isLoopLinear({ json }: Golden): boolean {
  if (!isFields(json) || !isFields(json.runs)) return false
  return Object.values(json.runs).every(
    (run) => isFields(run) && 'events' in run && 'final_checkpoint' in run,
  )
}

export async function* runLoopLinear({ name, json, tensors }: Golden): AsyncGenerator<CaseResult> {
  const fields = json as Fields & { runs: Record<string, Run> }
  for (const [key, run] of Object.entries(fields.runs)) {
    const label = `${name}/${key}`
    try {
      const setting = settingOf(fields, run.flags, tensors)
      const note = setting.recovered ? 'samples recovered from the golden’s own numbers' : undefined
      yield { name: label, checks: await compareRun(run, setting), note }
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error
      yield { name: label, unsupported: error.message }
    }
  }
}

async function compareRun(run: Run, setting: LoopSetting): Promise<Checks> {
  const { samples, batches, schedule, stepsPerEpoch, weightDecay } = setting
  const network = linearNet(samples.inputs, samples.classes)
  const hyper = hyperOfFlags(run.flags, weightDecay)
  const perEpoch = batches.length
  const steps = perEpoch * schedule.num_epochs
  const rates = Array.from({ length: steps }, (_, step) => learningRateAt(schedule, step, stepsPerEpoch))
  const evaluate = makeEvaluate(network, {
    label_smoothing: hyper.labelSmoothing,
    compute_top_5_error_rate: false,
  })
  const checks = new Checks()
  const tolerance = TOLERANCE * backendFactor()
  const epoch: StepNumbers[] = []
  await replay({
    network,
    hyper,
    theta: Float32Array.from([...setting.bias, ...setting.kernel]),
    batchStats: new Float32Array(0),
    rates,
    batch: (step) => batchOf(samples, batches[step % perEpoch]),
    async after(step, numbers, state) {
      epoch.push(numbers)
      if (epoch.length === perEpoch) {
        const scalars = { ...meanOf(epoch), learning_rate: rates[step], ...(await evaluated(state)) }
        epoch.length = 0
        compareEvents(checks, run, step + 1, scalars, tolerance)
      }
      if (step === steps - 1) await compareCheckpoint(state)
    },
  })
  evaluate.dispose()
  return checks

  async function evaluated(state: TrainState): Promise<Record<string, number>> {
    const whole = batchOf(samples, { from: 0, to: samples.count })
    const out: Record<string, number> = {}
    for (const [tag, weights] of [
      ['eval_on_train', state],
      [state.ema ? 'ema_test' : 'test', state.ema ?? state],
    ] as const) {
      const [loss, errors] = await evaluate(weights.theta, weights.batchStats, whole).data()
      out[`${tag}_loss`] = loss / samples.count
      out[`${tag}_error_rate`] = errors / samples.count
    }
    return out
  }

  async function compareCheckpoint(state: TrainState): Promise<void> {
    const { theta, slots, ema } = await stateArrays(state)
    const { momentum, meanSquare } = slots
    const { optimizer, model_state } = run.final_checkpoint
    const at =
      (root: unknown, ...path: string[]) =>
      (entry: string) =>
        numbersAt(root, [...path, ...entry.split('/')])
    const layout = network.params
    compareEntries(checks, 'checkpoint', layout, theta, at(optimizer, 'target', 'params'), tolerance)
    const states = (part: string) => (entry: string) =>
      numbersAt(optimizer, ['state', 'param_states', 'params', ...entry.split('/'), part])
    compareEntries(checks, 'checkpoint momentum', layout, momentum, states('momentum'), tolerance)
    if (meanSquare) compareEntries(checks, 'checkpoint v', layout, meanSquare, states('v'), tolerance)
    const average = at(model_state, '1', 'param_ema', '0', 'params')
    if (ema) compareEntries(checks, 'checkpoint ema', layout, ema.theta, average, tolerance)
  }
}

function compareEvents(
  checks: Checks,
  { events }: Run,
  step: number,
  scalars: Record<string, number>,
  tolerance: number,
): void {
  for (const [at, tag, value] of events) {
    if (at !== step) continue
    if (scalars[tag] === undefined) throw new Unsupported(`scalar ${tag}`)
    checks.scalar(`step ${step}/${tag}`, scalars[tag], value, tolerance)
  }
  checks.holds(
    `step ${step} has events`,
    events.some(([at]) => at === step),
  )
}

function meanOf(rows: readonly StepNumbers[]): StepNumbers {
  const mean = (name: keyof StepNumbers) =>
    rows.reduce((sum, numbers) => sum + numbers[name], 0) / rows.length
  return {
    train_loss: mean('train_loss'),
    train_error_rate: mean('train_error_rate'),
    gradient_norm: mean('gradient_norm'),
    param_norm: mean('param_norm'),
  }
}

/** Nested lists under a path of keys, flattened. */
function numbersAt(root: unknown, path: readonly string[]): number[] | undefined {
  const value = path.reduce<unknown>((here, key) => (isFields(here) ? here[key] : undefined), root)
  return Array.isArray(value) ? (value.flat(8) as number[]) : undefined
}
