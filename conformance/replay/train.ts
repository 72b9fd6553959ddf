/**
 * Kind `train`: a trajectory of a WideResnet from stored initial weights, with an evaluation at its end.
 * Fields: flags, weight_decay, per_step, eval_after; tensors params/, state/, opt/, ema/, snap/after<k>/ and, in a
 * companion, init/, init_state/, images, labels, eval_*.
 */

import { makeEvaluate } from '../../src/core/evaluation/evaluate'
import type { Network } from '../../src/core/models/network'
import { meanOfCopies } from '../../src/core/step/replicas'
import type { StepHyper, TrainState } from '../../src/core/step/types'
import * as tf from '../../src/engine/tf'
import { backendFactor, type CaseResult, Checks, Unsupported } from './checks'
import { hyperOfFlags, meanOf, replicaCount } from './flags'
import { type Fields, type Golden, isFields, type Tensors } from './golden'
import { withCompanions } from './goldenFiles'
import { batchAt, replay, stateArrays } from './replay'
import { startOf } from './trainStart'
import { toleranceOf } from './trainTolerance'
import { compareEntries, gather, labelRows } from './vectors'

/** Of an evaluation's mean loss: the same weights, another order of sums. */
const EVALUATION_TOLERANCE = 2e-5

export function isTrain({ json }: Golden): boolean {
  return isFields(json) && isFields(json.flags) && Array.isArray(json.per_step)
}

export async function* runTrain(golden: Golden): AsyncGenerator<CaseResult> {
  const fields = golden.json as Fields
  const name = typeof fields.case === 'string' ? fields.case : golden.name
  const replicas = replicaCount(fields)
  const flags = fields.flags as Fields
  const momentum = fields.momentum ?? 0.9
  if (momentum !== 0.9) throw new Unsupported(`momentum ${momentum}; the reference has 0.9`)
  if (fields.nesterov === false && flags.use_rmsprop !== true) {
    throw new Unsupported('plain momentum; the reference has Nesterov’s')
  }
  const weightDecay = fields.weight_decay ?? flags.weight_decay
  if (typeof weightDecay !== 'number') throw new Unsupported('field weight_decay is missing')
  const hyper = hyperOfFlags(flags, weightDecay, fields.ema_warmup_steps, replicas)
  const tensors = await withCompanions(golden)
  const start = startOf(tensors, flags.use_additional_skip_connections === true, fields.model)
  const perStep = fields.per_step as Record<string, number | number[]>[]
  const tolerance = toleranceOf(fields)
  const checks = new Checks()
  await replay({
    ...start,
    hyper,
    rates: perStep.map(({ lr }) => Number(lr)),
    batch: (step) => batchAt(start, step, start.network.numClasses),
    async after(step, numbers, state) {
      for (const [metric, value] of Object.entries(numbers)) {
        const expected = perStep[step][metric]
        if (expected === undefined) continue
        checks.scalar(`step ${step}/${metric}`, value, meanOf(expected), tolerance.metric(metric, step))
      }
      await compareSnapshot(checks, golden.tensors, start.network, step, state, tolerance.snapshot)
      if (step === perStep.length - 1) {
        await compareFinal(checks, golden.tensors, start.network, state, tolerance.final)
      }
    },
  })
  await compareEvaluation(checks, fields, tensors, start.network, hyper, replicas)
  yield { name, checks, note: tolerance.rule }
}

async function compareSnapshot(
  checks: Checks,
  tensors: Tensors,
  network: Network,
  step: number,
  state: TrainState,
  tolerance: (name: string, step: number) => number,
): Promise<void> {
  const prefix = `snap/after${step + 1}/`
  if (![...tensors.keys()].some((key) => key.startsWith(prefix))) return
  const theta = (await state.theta.data()) as Float32Array
  const wanted = (name: string) => tensors.get(prefix + name)?.data
  compareEntries(checks, `after step ${step}`, network.params, theta, wanted, (name) => tolerance(name, step))
}

type FinalGroup = 'params' | 'state' | 'opt'

async function compareFinal(
  checks: Checks,
  tensors: Tensors,
  network: Network,
  state: TrainState,
  tolerance: (group: FinalGroup) => number,
): Promise<void> {
  const { theta, slots, batchStats, ema } = await stateArrays(state)
  const { momentum, meanSquare } = slots
  const at = (prefix: string, suffix = '') => {
    return (name: string) => tensors.get(`${prefix}/${name}${suffix}`)?.data
  }
  const { params, stats } = network
  compareEntries(checks, 'final params', params, theta, at('params'), tolerance('params'))
  const copies = batchStats.length / stats.size
  for (let r = 0; r < copies; r++) {
    const own = batchStats.subarray(r * stats.size, (r + 1) * stats.size)
    const prefix = copies > 1 ? `replica${r}/state` : 'state'
    compareEntries(checks, `final ${prefix}`, stats, own, at(prefix), tolerance('state'))
  }
  compareEntries(checks, 'final momentum', params, momentum, at('opt', '/momentum'), tolerance('opt'))
  if (meanSquare) compareEntries(checks, 'final v', params, meanSquare, at('opt', '/v'), tolerance('opt'))
  if (!ema) return
  compareEntries(checks, 'final ema', params, ema.theta, at('ema/params'), tolerance('params'))
  for (let r = 0; r < copies; r++) {
    const own = ema.batchStats.subarray(r * stats.size, (r + 1) * stats.size)
    const prefixes = [...(r === 0 ? ['ema/state'] : []), `replica${r}/ema/state`]
    for (const prefix of prefixes) {
      compareEntries(checks, `final ${prefix}`, stats, own, at(prefix), tolerance('state'))
    }
  }
}

/** The golden's own final statistics, averaged over its replicas as evaluation does. */
function finalStats({ stats }: Network, tensors: Tensors): Float32Array {
  const replicas = new Set([...tensors.keys()].map((key) => /^(replica\d+)\/state\//.exec(key)?.[1]))
  replicas.delete(undefined)
  if (replicas.size === 0) return gather(stats, tensors, 'state/')
  const all = new Float32Array(replicas.size * stats.size)
  ;[...replicas].forEach((replica, r) => {
    all.set(gather(stats, tensors, `${replica}/state/`), r * stats.size)
  })
  return meanOfCopies(all, stats.size)
}

/**
 * The sums of loss and error over the evaluation set, with and without its mask, at the golden's own final weights
 * (never its average's): there no chaos comes between, so they must agree.
 * Top-5 is compared in the reference's own broken form: on every replica n · (1 − hits), hits counted over masked
 * examples too.
 */
async function compareEvaluation(
  checks: Checks,
  fields: Fields,
  tensors: Tensors,
  network: Network,
  { labelSmoothing }: StepHyper,
  replicas: number,
): Promise<void> {
  const images = tensors.get('eval_images')
  const labels = tensors.get('eval_labels')
  const stored = network.params.entries.every(({ name }) => tensors.has(`params/${name}`))
  if (!isFields(fields.eval_after) || !images || !labels || !stored) return
  const theta = tf.tensor1d(gather(network.params, tensors, 'params/'))
  const batchStats = tf.tensor1d(finalStats(network, tensors))
  const count = images.shape[0]
  const evaluate = makeEvaluate(network, { label_smoothing: labelSmoothing, compute_top_5_error_rate: true })
  const batch = {
    images: tf.tensor4d(Float32Array.from(images.data), images.shape as [number, number, number, number]),
    labels: tf.tensor2d(labelRows(labels.data, count, network.numClasses), [count, network.numClasses]),
  }
  const parts = Array.from({ length: replicas }, (_, r) => r * Math.floor(count / replicas))
  const size = Math.floor(count / replicas)
  const hits: number[] = []
  for (const from of parts) {
    const images = tf.slice(batch.images, from, size)
    const sums = evaluate(theta, batchStats, { images, labels: tf.slice(batch.labels, from, size) })
    hits.push(size - (await sums.data())[2])
  }
  for (const [name, expected] of Object.entries(fields.eval_after) as [string, Record<string, number>][]) {
    const mask = name === 'masked' ? tensors.get('eval_mask') : undefined
    if (name === 'masked' && !mask) continue
    const weights = Float32Array.from(mask?.data ?? new Float32Array(count).fill(1))
    const used = (from: number, rows: number) =>
      weights.subarray(from, from + rows).reduce((a, b) => a + b, 0)
    const [loss, errors] = await evaluate(theta, batchStats, batch, tf.tensor1d(weights)).data()
    const tolerance = backendFactor() * EVALUATION_TOLERANCE * used(0, count)
    checks.scalar(`evaluation ${name}/loss`, loss, expected.loss, tolerance)
    checks.scalar(`evaluation ${name}/errors`, errors, expected.error_rate, tolerance)
    if (expected.top_5_error_rate === undefined) continue
    const broken = parts.reduce((sum, from, r) => sum + used(from, size) * (1 - hits[r]), 0)
    checks.scalar(`evaluation ${name}/top-5`, broken, expected.top_5_error_rate, tolerance)
  }
}
