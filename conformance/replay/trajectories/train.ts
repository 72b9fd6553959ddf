/**
 * Kind `train`: a trajectory of a ReLU net from stored initial weights, with an evaluation at its end.
 * Tensors: init/, init_state/, images, labels and eval_*; of its results params/, state/ (replica<r>/state/), opt/, ema/
 * and snap/after<k>/.
 */
import { makeEvaluate } from '../../../src/core/evaluation/evaluate'
import type { Network } from '../../../src/core/models/network'
import { meanOfCopies } from '../../../src/core/step/replicas'
import type { StepHyper, TrainState } from '../../../src/core/step/types'
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import { type Tensors, within } from '../../golden'
import { backendFactor, type Checks } from '../checks'
import { kind } from '../kind'
import { compareEntries, gather, labelRows, needTensor, onDevice } from '../vectors'
import { compareStep, hyperOfSettings, replay, startOf, stateArrays, trainingFields } from './training'
import { toleranceOf, trajectoryFields } from './trainTolerance'

/** Of an evaluation's mean loss: the same weights, another order of sums. */
const EVALUATION_TOLERANCE = 2e-5

const fields = z.strictObject({
  ...trainingFields,
  ...trajectoryFields,
  /** Sums over the evaluation set at the final weights. */
  evaluations: z.array(
    z.strictObject({
      name: z.string(),
      /** Tensor of the weight of every example; absent: 1 each. */
      mask: z.string().optional(),
      loss: z.number(),
      error_rate: z.number(),
      top_5_error_rate: z.number().optional(),
    }),
  ),
})

type Evaluations = z.infer<typeof fields>['evaluations']

export const train = kind('train', fields, async (one, checks, { tensors }) => {
  const hyper = hyperOfSettings(one)
  const start = startOf(one.network, tensors)
  const { network } = start
  const { steps } = one
  const tolerance = toleranceOf(one)
  await replay({
    ...start,
    hyper,
    rates: steps.map(({ learning_rate }) => Number(learning_rate)),
    async after(step, numbers, state) {
      compareStep(checks, step, numbers, steps[step], (name) => tolerance.metric(name, step))
      const snapshot = within(tensors, `snap/after${step + 1}/`)
      if (snapshot.size > 0) {
        const theta = (await state.theta.data()) as Float32Array
        const wanted = (name: string) => snapshot.get(name)?.data
        const allowed = (name: string) => tolerance.snapshot(name, step)
        compareEntries(checks, `after step ${step}`, network.params, theta, wanted, allowed)
      }
      if (step === steps.length - 1) await compareFinal(checks, tensors, network, state, tolerance.final)
    },
  })
  await compareEvaluations(checks, one.evaluations, tensors, network, hyper)
  checks.note = tolerance.rule
})

async function compareFinal(
  checks: Checks,
  tensors: Tensors,
  { params, stats }: Network,
  state: TrainState,
  tolerance: (group: 'params' | 'state' | 'opt') => number,
): Promise<void> {
  const { theta, slots, batchStats, ema } = await stateArrays(state)
  const at = (prefix: string, suffix = '') => {
    return (name: string) => tensors.get(`${prefix}/${name}${suffix}`)?.data
  }
  /** @param prefixes by replica */
  const compareStats = (all: Float32Array, prefixes: (r: number, copies: number) => string[]) => {
    const copies = all.length / stats.size
    for (let r = 0; r < copies; r++) {
      const own = all.subarray(r * stats.size, (r + 1) * stats.size)
      for (const prefix of prefixes(r, copies)) {
        compareEntries(checks, `final ${prefix}`, stats, own, at(prefix), tolerance('state'))
      }
    }
  }
  compareEntries(checks, 'final params', params, theta, at('params'), tolerance('params'))
  compareStats(batchStats, (r, copies) => [copies > 1 ? `replica${r}/state` : 'state'])
  compareEntries(checks, 'final momentum', params, slots.momentum, at('opt', '/momentum'), tolerance('opt'))
  const { meanSquare } = slots
  if (meanSquare) compareEntries(checks, 'final v', params, meanSquare, at('opt', '/v'), tolerance('opt'))
  if (!ema) return
  compareEntries(checks, 'final ema', params, ema.theta, at('ema/params'), tolerance('params'))
  compareStats(ema.batchStats, (r) => [...(r === 0 ? ['ema/state'] : []), `replica${r}/ema/state`])
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
async function compareEvaluations(
  checks: Checks,
  evaluations: Evaluations,
  tensors: Tensors,
  network: Network,
  { labelSmoothing, replicas }: StepHyper,
): Promise<void> {
  const stored = network.params.entries.every(({ name }) => tensors.has(`params/${name}`))
  if (evaluations.length === 0 || !stored) return
  const images = onDevice<tf.Tensor4D>(tensors, 'eval_images')
  const theta = tf.tensor1d(gather(network.params, tensors, 'params/'))
  const batchStats = tf.tensor1d(finalStats(network, tensors))
  const count = images.shape[0]
  const evaluate = makeEvaluate(network, { label_smoothing: labelSmoothing, compute_top_5_error_rate: true })
  const labels = labelRows(needTensor(tensors, 'eval_labels').data, count, network.numClasses)
  const copies = replicas?.count ?? 1
  const size = Math.floor(count / copies)
  const parts = Array.from({ length: copies }, (_, r) => r * size)
  const hits: number[] = []
  for (const from of parts) {
    const part = { images: tf.slice(images, from, size), labels: tf.slice(labels, from, size) }
    const sums = evaluate(theta, batchStats, part)
    hits.push(size - (await sums.data())[2])
  }
  for (const { name, mask, ...expected } of evaluations) {
    const weights = mask ? Float32Array.from(needTensor(tensors, mask).data) : new Float32Array(count).fill(1)
    const used = (from: number, rows: number) =>
      weights.subarray(from, from + rows).reduce((a, b) => a + b, 0)
    const [loss, errors] = await evaluate(theta, batchStats, { images, labels }, tf.tensor1d(weights)).data()
    const tolerance = backendFactor() * EVALUATION_TOLERANCE * used(0, count)
    checks.scalar(`evaluation ${name}/loss`, loss, expected.loss, tolerance)
    checks.scalar(`evaluation ${name}/errors`, errors, expected.error_rate, tolerance)
    if (expected.top_5_error_rate === undefined) continue
    const broken = parts.reduce((sum, from, r) => sum + used(from, size) * (1 - hits[r]), 0)
    checks.scalar(`evaluation ${name}/top-5`, broken, expected.top_5_error_rate, tolerance)
  }
}
