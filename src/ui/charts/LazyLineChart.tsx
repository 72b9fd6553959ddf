/** Loads recharts with the first chart and keeps its place free until then; charts in sight come first. */

import { FirstInSight } from '../panels/FirstInSight'
import { Later } from '../panels/Later'
import { retriedLazy } from '../panels/retriedLazy'
import type { LineChartProps } from './LineChartView'

const LineChartView = retriedLazy(() => import('./LineChartView'))

export function LazyLineChart(props: LineChartProps) {
  return (
    <FirstInSight height={props.height} empty={props.rows.length === 0}>
      <Later>
        <LineChartView {...props} />
      </Later>
    </FirstInSight>
  )
}
