/**
 * Loads recharts with the first chart and keeps its place free until then. Charts in sight come first; the others when
 * there is something to see in them and no training that their first drawing could hold up.
 */
import { FirstInSight } from '../panels/FirstInSight'
import { Later } from '../panels/Later'
import { retriedLazy } from '../panels/retriedLazy'
import { useLab } from '../store/labStore'
import type { LineChartProps } from './LineChartView'

const LineChartView = retriedLazy(() => import('./LineChartView'))

export function LazyLineChart(props: LineChartProps) {
  const training = useLab(({ state }) => state === 'training')
  return (
    <FirstInSight height={props.height} waits={training || props.rows.length === 0}>
      <Later>
        <LineChartView {...props} />
      </Later>
    </FirstInSight>
  )
}
