/** Loads recharts with the first chart and keeps its place free until then. */
import { lazy, Suspense } from 'react'
import type { LineChartProps } from './LineChartView'

const LineChartView = lazy(() => import('./LineChartView'))

export function LazyLineChart(props: LineChartProps) {
  return (
    <Suspense fallback={<div style={{ height: props.height }} />}>
      <LineChartView {...props} />
    </Suspense>
  )
}
