/** What the page is told of kept runs that no session has: what they are and what they have been through. */
import type { RunCurves, RunDocument } from '../../core/library/document'
import type { GoingExperiment } from '../../core/library/goingRuns'
import type { RunRecord } from '../../core/library/record'
import { costOf } from '../../core/optim/methods'
import type { EdgeMetrics, EvalMetrics, RunKey, StepMetrics } from '../../core/runs/metrics'
import { MetricsBuffer } from '../../core/runs/metricsBuffer'
import { runSpecs } from '../../core/runs/runSpec'
import type { KeptOffer, RunInfo, SessionInfo } from '../protocol'
import type { EventPacer } from './eventPacer'

/** @param elsewhere another tab trains it */
export function offerOf({ experiment, runs }: GoingExperiment, elsewhere: boolean): KeptOffer {
  const [{ record }] = runs
  return {
    experiment,
    ids: runs.map(({ record }) => record.id),
    labels: runs.map(({ record }) => record.label),
    model: record.config.model_name,
    dataset: record.config.dataset,
    step: Math.min(...runs.map(({ record }) => record.step)),
    totalSteps: record.totalSteps,
    elsewhere,
  }
}

export function keptInfo(records: ReadonlyMap<RunKey, RunRecord>): SessionInfo {
  const [[, { session }]] = records
  return { config: session, runs: [...records].map(([key, record]) => infoOf(key, record)) }
}

function infoOf(key: RunKey, record: RunRecord): RunInfo {
  const { label, config, session, numParams, stepsPerEpoch, totalSteps, data } = record
  const differs = runSpecs(session).find((spec) => spec.key === record.key)?.differs ?? []
  const totalGradients = costOf(config, totalSteps, totalSteps)
  return { key, label, config, differs, numParams, stepsPerEpoch, totalSteps, totalGradients, data }
}

/** How far the page has been told of a run. */
export interface ToldOf {
  step: number
  evaluatedAt: number
  watchedAt: number
}

/** Tells what a run has been through beyond what was told of it. @returns how far it is told now */
export async function tellCurves(
  key: RunKey,
  document: RunDocument,
  out: EventPacer,
  until = Number.POSITIVE_INFINITY,
  { step, evaluatedAt, watchedAt }: ToldOf = { step: 0, evaluatedAt: 0, watchedAt: 0 },
): Promise<ToldOf> {
  const curves: RunCurves = await document.curves(until)
  const rows: StepMetrics[] = curves.lines.map(({ row }) => row).filter((row) => row.step > step)
  const evaluations: EvalMetrics[] = curves.evaluations.filter((metrics) => metrics.step > evaluatedAt)
  const edges: EdgeMetrics[] = curves.edges.filter((metrics) => metrics.step > watchedAt)
  const history = new MetricsBuffer(rows.length)
  for (const row of rows) history.push(row)
  out.tellAgain([{ key, history }])
  for (const metrics of evaluations) {
    const final = document.record.state === 'finished' && metrics.step === document.record.totalSteps
    out.send({ type: 'evaluation', run: key, metrics, final })
  }
  if (edges.length > 0) out.send({ type: 'edges', run: key, metrics: edges })
  return {
    step: rows.at(-1)?.step ?? step,
    evaluatedAt: evaluations.at(-1)?.step ?? evaluatedAt,
    watchedAt: edges.at(-1)?.step ?? watchedAt,
  }
}
