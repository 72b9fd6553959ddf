/** Metrics as CSV text: one header line, full precision, empty where nothing was measured. */
import { encodeCsv } from '../../core/formats/csv'
import type { RunSpec } from '../../core/runs/runSpec'
import {
  EDGE_COLUMNS,
  type EdgeMetrics,
  EVALUATION_COLUMNS,
  type EvalMetrics,
  type RunKey,
  STEP_COLUMNS,
} from '../../worker/protocol'
import type { RunHistory } from '../store/history'

/** Every step of every run, and each evaluation and λ₁ on the line of its step; columns of λ₁ only where there is one. */
export function metricsCsv(
  runs: readonly Pick<RunSpec, 'key' | 'label'>[],
  historyOf: (run: RunKey) => RunHistory,
  evaluations: Record<RunKey, readonly EvalMetrics[]>,
  edges: Record<RunKey, readonly EdgeMetrics[]> = {},
): string {
  const edgeColumns = Object.values(edges).some((list) => list.length > 0) ? EDGE_COLUMNS : []
  function* rows() {
    for (const { key, label } of runs) {
      const history = historyOf(key)
      const at = new Map((evaluations[key] ?? []).map((metrics) => [metrics.step, metrics]))
      const watched = new Map((edges[key] ?? []).map((metrics) => [metrics.step, metrics]))
      const columns = STEP_COLUMNS.map((name) => history.column(name))
      for (let i = 0; i < history.length; i++) {
        const evaluation = at.get(columns[0][i])
        const measured = EVALUATION_COLUMNS.map((name) => evaluation?.[name])
        const edge = edgeColumns.map((name) => watched.get(columns[0][i])?.[name])
        yield [key, label, ...columns.map((column) => column[i]), ...measured, ...edge]
      }
    }
  }
  return encodeCsv(['run', 'label', ...STEP_COLUMNS, ...EVALUATION_COLUMNS, ...edgeColumns], rows())
}

/** λ₁ and its edges of every run, a line a look. */
export function edgeCsv(
  runs: readonly Pick<RunSpec, 'key' | 'label'>[],
  edges: Record<RunKey, readonly EdgeMetrics[]>,
): string {
  const rows = runs.flatMap(({ key, label }) =>
    (edges[key] ?? []).map((metrics) => [
      key,
      label,
      metrics.step,
      metrics.epoch,
      metrics.seconds,
      ...EDGE_COLUMNS.map((name) => metrics[name]),
    ]),
  )
  return encodeCsv(['run', 'label', 'step', 'epoch', 'seconds', ...EDGE_COLUMNS], rows)
}
