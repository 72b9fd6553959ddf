/** Loads recharts with the first chart and keeps its place free until then. */
import { lazy, Suspense } from 'react'
import type { RunId } from '../../worker/protocol'
import { RUN_LABEL } from '../format'
import type { ChartLine, LineChartProps } from './LineChartView'

const LineChartView = lazy(() => import('./LineChartView'))

export function LazyLineChart(props: LineChartProps) {
  return (
    <Suspense fallback={<div style={{ height: props.height }} />}>
      <LineChartView {...props} />
    </Suspense>
  )
}

/** A run's strong line; SAM is dashed as well as blue. */
export function runLine(run: RunId, dots = false): ChartLine {
  return {
    key: run,
    className: `curve-${run}`,
    label: RUN_LABEL[run],
    color: `var(--run-${run})`,
    dashed: run === 'sam',
    dots,
  }
}

/** A run's unsmoothed values, faint and behind. */
export function rawLine(run: RunId): ChartLine {
  return {
    ...runLine(run),
    key: `${run}Raw`,
    className: `raw-${run}`,
    raw: true,
    label: `${RUN_LABEL[run]} raw`,
  }
}
