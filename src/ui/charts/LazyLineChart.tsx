/** Loads recharts with the first chart and keeps its place free until then. */
import { Suspense } from 'react'
import { retriedLazy } from '../panels/retriedLazy'
import type { LineChartProps } from './LineChartView'

const LineChartView = retriedLazy(() => import('./LineChartView'))

export function LazyLineChart(props: LineChartProps) {
  return (
    <Suspense fallback={<div style={{ height: props.height }} />}>
      <LineChartView {...props} />
    </Suspense>
  )
}
