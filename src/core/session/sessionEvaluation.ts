/**
 * An evaluation of all runs of a session: which images, and how the sums become EvalMetrics. Every batch is uploaded
 * once and shown to every run; it can be interrupted between batches.
 */

import * as tf from '../../engine/tf'
import { tune } from '../../engine/tuning/tune'
import type { RunConfig } from '../config/schema'
import { evalBatches } from '../data/batches/evalBatches'
import type { Dataset } from '../data/dataset'
import { evalSubset } from '../data/selection/evalSubset'
import type { Evaluate } from '../evaluation/evaluate'
import { EVALUATION_BATCH, evaluationBatch } from '../evaluation/evaluationBatch'
import { type BulkReaderOptions, readInBulk } from '../queue/bulkReader'
import { uploadBatch } from '../queue/deviceBatch'
import type { EvalMetrics } from '../runs/metrics'
import type { SessionRun } from './sessionRun'

/** Images to look at. The training set is looked at in two parts, because memorising is a matter of the wrong one. */
interface Part {
  name: 'test' | 'wrong' | 'right'
  split: 'train' | 'test'
  /** Absent: the whole split. */
  indices?: Uint32Array
  count: number
}

interface Sums {
  loss: number
  errors: number
  top5Errors: number
  count: number
}

export interface EvaluationOptions {
  runs: readonly SessionRun[]
  /** The last evaluation: everything there is, or what num_final_eval_examples allows. */
  final: boolean
  /** Asked between batches. */
  interrupted(): boolean
  onProgress(batchesDone: number, batchesTotal: number): void
  onTuning?(done: number, total: number): void
}

/** Runs that can be shown the same batches: of one lane, with the same settings of what is looked at. */
interface Group {
  runs: readonly SessionRun[]
  evaluate: Evaluate
  parts: readonly Part[]
  batchSize: number
  batches: number
}

/** @returns metrics in the order of `runs`, or undefined when it was interrupted */
export async function evaluateRuns(options: EvaluationOptions): Promise<EvalMetrics[] | undefined> {
  const { runs, final } = options
  const groups = groupsOf(runs, final)
  const batchesTotal = groups.reduce((sum, { batches }) => sum + batches, 0)
  let batchesDone = 0
  const onBatch = () => options.onProgress(++batchesDone, batchesTotal)
  const metrics = new Map<SessionRun, EvalMetrics>()
  for (const group of groups) {
    const sums = await sumsOf(group, options, onBatch)
    if (!sums) return undefined
    group.runs.forEach((run, r) => {
      metrics.set(run, toMetrics(run, sums[r], final))
    })
  }
  return runs.map((run) => metrics.get(run)!)
}

function groupsOf(runs: readonly SessionRun[], final: boolean): Group[] {
  const groups = new Map<Evaluate, Map<string, SessionRun[]>>()
  for (const run of runs) {
    const evaluate = run.lane.evaluatorOf(run.config)
    const { num_eval_examples, num_final_eval_examples, also_eval_on_training_set } = run.config
    const looked = JSON.stringify([num_eval_examples, num_final_eval_examples, also_eval_on_training_set])
    const ofEvaluator = groups.get(evaluate) ?? new Map<string, SessionRun[]>()
    groups.set(evaluate, ofEvaluator.set(looked, [...(ofEvaluator.get(looked) ?? []), run]))
  }
  return [...groups].flatMap(([evaluate, ofEvaluator]) =>
    [...ofEvaluator.values()].map((alike): Group => {
      const [{ lane, config }] = alike
      const parts = evaluationParts(lane.dataset, config, final)
      const batchSize = evaluationBatch(lane.network, EVALUATION_BATCH)
      const batches = parts.reduce((sum, part) => sum + Math.ceil(part.count / batchSize), 0)
      return { runs: alike, evaluate, parts, batchSize, batches }
    }),
  )
}

/** @returns sums by part, in the order of the group's runs */
async function sumsOf(
  { runs, evaluate, parts, batchSize }: Group,
  { interrupted, onTuning }: EvaluationOptions,
  onBatch: () => void,
): Promise<Map<Part['name'], Sums>[] | undefined> {
  const [{ dataset, lane }] = runs
  const sums = runs.map(() => new Map(parts.map((part) => [part.name, emptySums()])))
  const onRows: BulkReaderOptions<{ part: Part['name']; count: number }>['onRows'] = (rows) => {
    for (const { tag, values } of rows) {
      const width = values.length / runs.length
      runs.forEach((_, r) => {
        addTo(sums[r].get(tag.part)!, values.subarray(r * width, (r + 1) * width), tag.count)
      })
    }
  }
  const sizes = new Set<number>()
  let isWhole = true
  await readInBulk({ onRows }, async (push) => {
    for (const part of parts) {
      for await (const batch of evalBatches(dataset, part.split, batchSize, part.indices, lane.threads)) {
        if (interrupted()) {
          isWhole = false
          return
        }
        const onDevice = uploadBatch(batch, dataset)
        if (!sizes.has(batch.count)) {
          sizes.add(batch.count)
          const [{ evaluated }] = runs
          const record = () => evaluate.record(evaluated.theta, evaluated.batchStats, onDevice)
          await tune(record, { onProgress: onTuning, interrupted })
        }
        const found = runs.map((run) => evaluate(run.evaluated.theta, run.evaluated.batchStats, onDevice))
        tf.dispose([onDevice.images, onDevice.labels])
        onBatch()
        await push(found, { part: part.name, count: batch.count })
      }
    }
  })
  return isWhole ? sums : undefined
}

function evaluationParts(dataset: Dataset, config: RunConfig, final: boolean): Part[] {
  const { train, test } = dataset
  const limit =
    (final ? config.num_final_eval_examples : config.num_eval_examples) ?? Number.POSITIVE_INFINITY
  const part = (name: Part['name'], from: Uint32Array, wanted: number): Part => {
    const chosen = evalSubset(from.length, wanted, config.run_seed)
    return { name, split: 'train', indices: chosen.map((position) => from[position]), count: chosen.length }
  }
  const parts: Part[] = []
  if (limit >= test.count) parts.push({ name: 'test', split: 'test', count: test.count })
  else {
    const indices = evalSubset(test.count, limit, config.run_seed)
    parts.push({ name: 'test', split: 'test', indices, count: indices.length })
  }
  const wrong = indicesWhere(train.wrong, 1)
  if (!final && !config.also_eval_on_training_set) {
    return wrong.length > 0 ? [...parts, part('wrong', wrong, limit)] : parts
  }
  const right = indicesWhere(train.wrong, 0)
  // Both in their share, so that their sum is the training set's; only the last evaluation's is bounded.
  const share = final ? Math.min(1, limit / train.count) : 1
  for (const [name, from] of [
    ['right', right],
    ['wrong', wrong],
  ] as const) {
    if (from.length > 0) parts.push(part(name, from, Math.max(1, Math.round(share * from.length))))
  }
  return parts
}

function indicesWhere(flags: Uint8Array, value: 0 | 1): Uint32Array {
  const indices: number[] = []
  for (let i = 0; i < flags.length; i++) if (flags[i] === value) indices.push(i)
  return Uint32Array.from(indices)
}

function toMetrics(run: SessionRun, sums: Map<Part['name'], Sums>, final: boolean): EvalMetrics {
  const { dataset, config, lane } = run
  const test = sums.get('test')!
  const wrong = sums.get('wrong')
  const metrics: EvalMetrics = {
    step: run.step,
    epoch: run.step / lane.stepsPerEpoch,
    seconds: run.seconds,
    gradientEvaluations: run.gradientEvaluations,
    testLoss: test.loss / test.count,
    testErrorRate: test.errors / test.count,
    testCount: test.count,
    testIsWhole: test.count === dataset.test.count,
  }
  if (config.compute_top_5_error_rate) metrics.testTop5ErrorRate = test.top5Errors / test.count
  // A wrong label that the network predicts is not an error on the labels trained on: it has been memorised.
  if (wrong) metrics.memorised = 1 - wrong.errors / wrong.count
  if (final || config.also_eval_on_training_set) {
    const train = [sums.get('right'), wrong].filter((part) => part !== undefined)
    const count = train.reduce((sum, part) => sum + part.count, 0)
    metrics.trainLoss = train.reduce((sum, part) => sum + part.loss, 0) / count
    metrics.trainErrorRate = train.reduce((sum, part) => sum + part.errors, 0) / count
  }
  return metrics
}

const emptySums = (): Sums => ({ loss: 0, errors: 0, top5Errors: 0, count: 0 })

function addTo(sums: Sums, [loss, errors, top5Errors = 0]: Float32Array, count: number): void {
  sums.loss += loss
  sums.errors += errors
  sums.top5Errors += top5Errors
  sums.count += count
}
