/** Loads recharts with the first chart and keeps its place free until then. */
import { Later } from '../panels/Later'
import { retriedLazy } from '../panels/retriedLazy'
import type { LineChartProps } from './LineChartView'

const LineChartView = retriedLazy(() => import('./LineChartView'))

export function LazyLineChart(props: LineChartProps) {
  return (
    <Later standIn={<div style={{ height: props.height }} />}>
      <LineChartView {...props} />
    </Later>
  )
}
