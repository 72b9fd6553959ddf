/** Metrics and slices as CSV text: one header line, full precision, empty where nothing was measured. */
import { encodeCsv } from '../../core/formats/csv'
import type { EvalMetrics, InterpolationSlice, RunId, Slice1D, Slice2D } from '../../worker/protocol'
import { METRIC_NAMES, type RunHistory } from '../store/history'

const EVALUATION_COLUMNS = [
  'testLoss',
  'testErrorRate',
  'testCount',
  'trainLoss',
  'trainErrorRate',
  'memorised',
] as const

/** Every step of every run, and each evaluation on the line of its step. */
export function metricsCsv(
  runs: readonly RunId[],
  histories: Record<RunId, RunHistory>,
  evaluations: Record<RunId, EvalMetrics[]>,
): string {
  function* rows() {
    for (const run of runs) {
      const history = histories[run]
      const at = new Map(evaluations[run].map((metrics) => [metrics.step, metrics]))
      const columns = METRIC_NAMES.map((name) => history.column(name))
      for (let i = 0; i < history.length; i++) {
        const evaluation = at.get(columns[0][i])
        const measured = EVALUATION_COLUMNS.map((name) => evaluation?.[name])
        yield [run, ...columns.map((column) => column[i]), ...measured]
      }
    }
  }
  return encodeCsv(['run', ...METRIC_NAMES, ...EVALUATION_COLUMNS], rows())
}

export function linesCsv(slices: readonly Slice1D[]): string {
  return encodeCsv(
    ['run', 'a', 'loss', 'error'],
    slices.flatMap((slice) => Array.from(slice.at, (a, i) => [slice.run, a, slice.loss[i], slice.error[i]])),
  )
}

export function interpolationCsv(slice: InterpolationSlice): string {
  return encodeCsv(
    ['t', 'loss', 'error'],
    Array.from(slice.at, (t, i) => [t, slice.loss[i], slice.error[i]]),
  )
}

export function surfacesCsv(slices: readonly Slice2D[]): string {
  function* rows() {
    for (const { run, x, y, loss, error } of slices)
      for (let i = 0; i < y.length; i++)
        for (let j = 0; j < x.length; j++) {
          const k = i * x.length + j
          yield [run, x[j], y[i], loss[k], error[k]]
        }
  }
  return encodeCsv(['run', 'x', 'y', 'loss', 'error'], rows())
}
