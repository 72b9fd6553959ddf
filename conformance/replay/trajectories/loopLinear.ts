/**
 * Kind `train_loop_linear`: the training loop end to end on one dense layer: scalars of every epoch, final weights.
 */
import { makeEvaluate } from '../../../src/core/evaluation/evaluate'
import { learningRateAt } from '../../../src/core/optim/schedule'
import type { DeviceBatch, TrainState } from '../../../src/core/step/types'
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import { Unsupported } from '../../golden'
import { backendFactor, type Checks } from '../checks'
import { kind } from '../kind'
import { networkOf } from '../networks'
import { compareEntries, labelRows } from '../vectors'
import { hyperOfSettings, METRICS, replay, type StepNumbers, stateArrays, trainingFields } from './training'

/** Relative to values of about one: float32 over a dozen steps. */
const TOLERANCE = 5e-6

/** By parameter, row-major. */
const vectors = z.record(z.string(), z.array(z.number()))

const fields = z.strictObject({
  ...trainingFields,
  /** Trained on in this order. */
  samples: z.strictObject({ inputs: z.array(z.array(z.number())), labels: z.array(z.number()) }),
  /** Sizes of one epoch's batches. */
  batches: z.array(z.number()),
  initial: vectors,
  schedule: z.strictObject({
    learning_rate: z.number(),
    num_epochs: z.number(),
    use_learning_rate_schedule: z.boolean(),
    lr_schedule: z.enum(['cosine', 'exponential']),
    /** What the schedule counts as an epoch, which need not be the number of batches. */
    steps_per_epoch: z.number(),
  }),
  /** [step, tag, value] */
  events: z.array(z.tuple([z.number(), z.string(), z.number()])),
  final: z.strictObject({
    params: vectors,
    momentum: vectors,
    v: vectors.optional(),
    ema: vectors.optional(),
  }),
})

type Run = z.infer<typeof fields>

export const loopLinear = kind('train_loop_linear', fields, async (run, checks) => {
  const { samples, schedule, batches } = run
  const network = networkOf(run.network)
  const hyper = hyperOfSettings(run)
  const perEpoch = batches.length
  const steps = perEpoch * schedule.num_epochs
  const rates = Array.from({ length: steps }, (_, step) =>
    learningRateAt(schedule, step, schedule.steps_per_epoch),
  )
  const evaluate = makeEvaluate(network, {
    label_smoothing: hyper.labelSmoothing,
    compute_top_5_error_rate: false,
  })
  const batchOf = (from: number, to: number): DeviceBatch => {
    const rows = samples.inputs.slice(from, to)
    const [height, width, channels] = run.network.image
    return {
      images: tf.tensor4d(rows.flat(), [rows.length, height, width, channels]),
      labels: labelRows(samples.labels.slice(from, to), rows.length, network.numClasses),
    }
  }
  const starts = batches.map((_, i) => batches.slice(0, i).reduce((a, b) => a + b, 0))
  const tolerance = TOLERANCE * backendFactor()
  const epoch: StepNumbers[] = []
  await replay({
    network,
    hyper,
    theta: Float32Array.from(network.params.entries.flatMap(({ name }) => run.initial[name])),
    batchStats: new Float32Array(0),
    rates,
    batch: (step) => batchOf(starts[step % perEpoch], starts[step % perEpoch] + batches[step % perEpoch]),
    async after(step, numbers, state) {
      epoch.push(numbers)
      if (epoch.length === perEpoch) {
        const scalars = { ...meanOf(epoch), learning_rate: rates[step], ...(await evaluated(state)) }
        epoch.length = 0
        compareEvents(checks, run, step + 1, scalars, tolerance)
      }
      if (step === steps - 1) await compareFinal(state)
    },
  })
  evaluate.dispose()

  async function evaluated(state: TrainState): Promise<Record<string, number>> {
    const count = samples.labels.length
    const whole = batchOf(0, count)
    const out: Record<string, number> = {}
    for (const [tag, weights] of [
      ['eval_on_train', state],
      [state.ema ? 'ema_test' : 'test', state.ema ?? state],
    ] as const) {
      const [loss, errors] = await evaluate(weights.theta, weights.batchStats, whole).data()
      out[`${tag}_loss`] = loss / count
      out[`${tag}_error_rate`] = errors / count
    }
    return out
  }

  async function compareFinal(state: TrainState): Promise<void> {
    const { theta, slots, ema } = await stateArrays(state)
    for (const [what, ours, wanted] of [
      ['checkpoint', theta, run.final.params],
      ['checkpoint momentum', slots.momentum, run.final.momentum],
      ['checkpoint v', slots.meanSquare, run.final.v],
      ['checkpoint ema', ema?.theta, run.final.ema],
    ] as const) {
      if (ours && wanted)
        compareEntries(checks, what, network.params, ours, (name) => wanted[name], tolerance)
    }
  }
})

function compareEvents(
  checks: Checks,
  { events }: Run,
  step: number,
  scalars: Record<string, number>,
  tolerance: number,
): void {
  const own = events.filter(([at]) => at === step)
  for (const [, tag, value] of own) {
    if (scalars[tag] === undefined) throw new Unsupported(`scalar ${tag}`)
    checks.scalar(`step ${step}/${tag}`, scalars[tag], value, tolerance)
  }
  checks.holds(`step ${step} has events`, own.length > 0)
}

function meanOf(rows: readonly StepNumbers[]): StepNumbers {
  const mean = (name: keyof StepNumbers) =>
    rows.reduce((sum, numbers) => sum + numbers[name], 0) / rows.length
  return Object.fromEntries(METRICS.map((name) => [name, mean(name)])) as StepNumbers
}
