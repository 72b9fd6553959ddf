/** From the full history to the few hundred rows a chart draws: values over the chosen axis, decimated, smoothed. */
import type { EvalMetrics, RunKey } from '../../worker/protocol'
import type { RunHistory } from '../store/history'
import type { Axis } from './axes'
import { decimate } from './decimate'

/** One row of a chart; a key per line. Lines are joined across absent values. */
export type Row = { x: number } & Record<string, number | undefined>

export interface Series {
  run: RunKey
  x: ArrayLike<number>
  y: ArrayLike<number>
  /** `y` smoothed; absent: as it is. */
  smoothed?: ArrayLike<number>
}

/** Rows of a chart, roughly; and points of a run, however few they are. */
const MAX_ROWS = 960
const MAX_POINTS = 320

/** How many points of each of so many runs are drawn. */
export const pointsOf = (runs: number): number => Math.min(MAX_POINTS, Math.floor(MAX_ROWS / runs))

/** Position on the axis of every step of a run. */
export function stepPositions(history: RunHistory, axis: Axis, stepsPerEpoch: number): Float64Array {
  if (axis !== 'epoch') return history.column(axis)
  return history.column('step').map((step) => step / stepsPerEpoch)
}

/** Position on the axis of every evaluation of a run. */
export function evaluationPositions(evaluations: readonly EvalMetrics[], axis: Axis): number[] {
  return evaluations.map((metrics) => metrics[axis])
}

/**
 * Rows with the runs' keys (smoothed) and the same ending in `Raw`. Without smoothing the raw keys are left out.
 * With `positive` (log scale) values ≤ 0 are left out.
 */
export function toRows(series: readonly Series[], positive: boolean): Row[] {
  const rows = new Map<number, Row>()
  for (const { run, x, y, smoothed } of series) {
    const strong = smoothed ?? y
    for (const i of decimate(y, pointsOf(series.length))) {
      const row: Row = rows.get(x[i]) ?? { x: x[i] }
      if (!positive || strong[i] > 0) row[run] = strong[i]
      if (smoothed && (!positive || y[i] > 0)) row[`${run}Raw`] = y[i]
      rows.set(x[i], row)
    }
  }
  return [...rows.values()].sort((a, b) => a.x - b.x)
}
