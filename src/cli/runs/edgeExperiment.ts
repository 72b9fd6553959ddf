/** λ₁ against the edges of stability over seeds, as docs/presets.md has it. */
import type { RunConfig } from '../../core/config/schema'
import type { Dataset } from '../../core/data/dataset'
import type { EdgeMetrics } from '../../core/runs/metrics'
import { Session } from '../../core/session/session'
import type { SessionRun } from '../../core/session/sessionRun'
import { openPool } from '../data/datasets'
import { type Column, tableOf } from './experimentTable'

/** What is averaged: the last so much of the measurements, when the edge has been reached. */
const LATE = 1 / 3

/** One trained run; means are over its late measurements. */
export interface EdgeRunNumbers {
  label: string
  seed: number
  /** λ₁ at the first measurement, and late. */
  first: number
  late: number
  edge: number
  /** Late λ₁ / edge. */
  ofEdge: number
  samEdge?: number
  ofSamEdge?: number
  /** Late mean of gᵀHg/‖g‖² over mini-batches. */
  batch?: number
  ofBatch?: number
  /** Training loss and error of the last step. */
  loss: number
  trainErrorRate: number
  /** Of the time of training and looking together. */
  lookingShare: number
  seconds: number
  diverged: boolean
}

/** Trains the runs of a preset on one seed's data. @param onEdge as it is met */
export async function runEdgeSeed(
  preset: RunConfig,
  seed: number,
  load: (config: RunConfig) => Promise<Dataset>,
  note: (line: string) => void,
): Promise<EdgeRunNumbers[]> {
  const config = { ...preset, run_seed: seed, perturbed_loss_every: 0 }
  const dataset = await load(config)
  const onHint = (_: unknown, __: unknown, text: string) => note(text)
  const session = new Session({ config, dataset, events: { onHint }, openPool })
  try {
    await session.train()
    return session.runs.map((run) => numbersOf(run, seed))
  } finally {
    session.dispose()
  }
}

export function numbersOf(run: SessionRun, seed: number): EdgeRunNumbers {
  const { edges, history, label, seconds } = run
  const late = edges.slice(-Math.max(1, Math.round(LATE * edges.length)))
  const mean = (of: (edge: EdgeMetrics) => number | undefined): number | undefined => {
    const values = late.map(of).filter((value) => value !== undefined)
    return values.length === 0 ? undefined : values.reduce((a, b) => a + b) / values.length
  }
  const last = history.at(-1)
  const looking = edges.at(-1)?.edgeSeconds ?? 0
  return {
    label,
    seed,
    first: edges[0]?.topEigenvalue ?? Number.NaN,
    late: mean((edge) => edge.topEigenvalue) ?? Number.NaN,
    edge: mean((edge) => edge.stabilityEdge) ?? Number.NaN,
    ofEdge: mean((edge) => edge.topEigenvalue / (edge.stabilityEdge ?? Number.NaN)) ?? Number.NaN,
    samEdge: mean((edge) => edge.samEdge),
    ofSamEdge: mean((edge) => edge.samEdge && edge.topEigenvalue / edge.samEdge),
    batch: mean((edge) => edge.batchSharpness),
    ofBatch: mean((edge) => edge.batchSharpness && edge.batchSharpness / (edge.stabilityEdge ?? Number.NaN)),
    loss: last?.loss ?? Number.NaN,
    trainErrorRate: last?.errorRate ?? Number.NaN,
    lookingShare: looking / (looking + seconds),
    seconds: seconds + looking,
    diverged: !run.live,
  }
}

const COLUMNS: Column<EdgeRunNumbers>[] = [
  { title: 'λ₁ at first', value: (run) => run.first, digits: 1 },
  { title: 'λ₁ late', value: (run) => run.late, digits: 1 },
  { title: 'edge without SAM', value: (run) => run.edge, digits: 1 },
  { title: 'λ₁ / edge', value: (run) => run.ofEdge, digits: 2 },
  { title: 'SAM’s edge', value: (run) => run.samEdge, digits: 1 },
  { title: 'λ₁ / SAM’s edge', value: (run) => run.ofSamEdge, digits: 2 },
  { title: 'batch sharpness', value: (run) => run.batch, digits: 1 },
  { title: 'batch sharpness / edge', value: (run) => run.ofBatch, digits: 2 },
  { title: 'loss', value: (run) => run.loss, digits: 4 },
  { title: 'time for λ₁ %', value: (run) => 100 * run.lookingShare, digits: 0 },
]

/** A Markdown table, one row for all runs of a name, mean ± sample standard deviation; no column that is empty. */
export const edgeTable = (runs: readonly EdgeRunNumbers[]): string => {
  const columns = COLUMNS.filter(({ value }) => runs.some((run) => value(run) !== undefined))
  return tableOf(runs, columns, ({ mean, deviation }) => [mean, deviation])
}
