/** What a plan costs: gradients by arithmetic, time by making a few steps and one evaluation of each kind of run. */
import type { RunConfig } from '../../core/config/schema'
import { FIELD_NAMES, type FieldName, fieldMeta } from '../../core/config/schema'
import { stepsAnEpoch } from '../../core/config/steps'
import type { Dataset } from '../../core/data/dataset'
import { gradientsOf } from '../../core/runs/runSpec'
import { loadDatasets } from '../../core/session/datasets'
import { Session } from '../../core/session/session'
import { evaluateRuns } from '../../core/session/sessionEvaluation'
import { openPool, readStored } from '../data/datasets'
import type { PlannedRun } from './plan'

/** Settings that change nothing of what a step costs. */
const FREE: readonly FieldName[] = [
  'run_seed',
  'num_epochs',
  'learning_rate',
  'weight_decay',
  'label_noise',
  'label_smoothing',
  'gradient_clipping',
  'evaluate_every',
]
/** At a radius of 0 a step is another one; which radius else does not matter. */
const kindOf = (config: RunConfig): string =>
  JSON.stringify(
    FIELD_NAMES.filter((name) => !FREE.includes(name) && !fieldMeta(name).harmless).map((name) =>
      name === 'sam_rho' ? config.sam_rho > 0 : config[name],
    ),
  )

/** Of a plan with more kinds of runs some are timed; the others are taken for as fast by their gradients. */
const MOST_PROBES = 6
const PROBE_SECONDS = 2
const PROBE_STEPS = 200

interface Pace {
  step: number
  evaluation: number
  lastEvaluation: number
}

export interface Estimate {
  gradients: number
  /** Of all runs one after the other on this device. */
  seconds: number
  kinds: number
  probed: number
}

/** @param onProbe is told of each kind before it is timed */
export async function estimatePlan(
  runs: readonly PlannedRun[],
  onProbe: (config: RunConfig) => void,
): Promise<Estimate> {
  const datasets = new Map<string, Dataset>()
  const paces = new Map<string, Pace & { gradientsAStep: number }>()
  const kinds = new Set(runs.map(({ config }) => kindOf(config)))
  let gradients = 0
  let seconds = 0
  for (const { config } of runs) {
    const { steps, cost } = await costOf(config, datasets)
    gradients += cost
    const kind = kindOf(config)
    if (!paces.has(kind) && paces.size < MOST_PROBES) {
      onProbe(config)
      const dataset = await datasetFor(config, datasets)
      paces.set(kind, { ...(await probe(config, dataset)), gradientsAStep: cost / steps })
    }
    const pace = paces.get(kind) ?? [...paces.values()][0]
    const share = paces.has(kind) ? 1 : cost / steps / pace.gradientsAStep
    const evaluations = Math.max(0, Math.ceil(config.num_epochs / config.evaluate_every) - 1)
    seconds += steps * pace.step * share + evaluations * pace.evaluation + pace.lastEvaluation
  }
  return { gradients, seconds, kinds: kinds.size, probed: paces.size }
}

/** Gradients alone, for a plan that nothing is timed of. */
export async function gradientsOfPlan(runs: readonly PlannedRun[]): Promise<number> {
  const datasets = new Map<string, Dataset>()
  let gradients = 0
  for (const { config } of runs) gradients += (await costOf(config, datasets)).cost
  return gradients
}

async function costOf(config: RunConfig, datasets: Map<string, Dataset>) {
  const { train } = await datasetFor(config, datasets)
  const steps = stepsAnEpoch(train.count, config) * config.num_epochs
  return { steps, cost: gradientsOf({ config }, steps) }
}

/** One of its size: which images they are does not matter here. */
async function datasetFor(config: RunConfig, datasets: Map<string, Dataset>): Promise<Dataset> {
  const { dataset, num_train_examples, use_test_set, model_name, input_size } = config
  const key = JSON.stringify([dataset, num_train_examples, use_test_set, model_name, input_size])
  const known = datasets.get(key)
  if (known) return known
  const loaded = (await loadDatasets([{ config }], (own) => readStored(own)))({ config })
  datasets.set(key, loaded)
  return loaded
}

async function probe(config: RunConfig, dataset: Dataset): Promise<Pace> {
  const session = new Session({ config: { ...config, evaluate_every: 10_000 }, dataset, openPool })
  try {
    const all = session.totalSteps
    // The first steps compile kernels.
    await session.train({ until: Math.min(3, all - 1) })
    const from = session.step
    const started = performance.now()
    const elapsed = () => (performance.now() - started) / 1000
    while (elapsed() < PROBE_SECONDS && session.step < Math.min(from + PROBE_STEPS, all - 1)) {
      await session.train({ until: Math.min(session.step + 10, all - 1) })
    }
    const step = session.step > from ? elapsed() / (session.step - from) : 0
    const evaluation = await timed(session, false)
    return { step, evaluation, lastEvaluation: await timed(session, true) }
  } finally {
    session.dispose()
  }
}

async function timed({ runs }: Session, final: boolean): Promise<number> {
  const started = performance.now()
  await evaluateRuns({ runs, final, interrupted: () => false, onProgress: () => {} })
  return (performance.now() - started) / 1000
}
