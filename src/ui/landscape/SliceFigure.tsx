/** A figure of values along a line: the chart, the table that says the same, and that it is not computed yet. */

import type { MeasureId } from '../../worker/protocol'
import { Figure, type FigureProps } from '../charts/Figure'
import { LazyLineChart } from '../charts/LazyLineChart'
import type { LineChartProps } from '../charts/LineChartView'
import { formatNumber, formatPercent } from '../format'
import { useMeasureFiles } from './measureCsv'
import { ASKED_HEIGHT, type Curve, NotComputed, rowsOf, SLICE_HEIGHT, sliceTable } from './sliceChart'

interface SliceFigureProps
  extends Pick<FigureProps, 'title' | 'subtitle' | 'legend' | 'description'>,
    Pick<LineChartProps, 'lines' | 'xDomain' | 'xTicks' | 'marks'>,
    Partial<Pick<LineChartProps, 'unit' | 'log' | 'height'>> {
  /** Whose files they are. */
  id: MeasureId
  /** What the line is along. */
  axis: string
  /** None: not computed yet. */
  curves: readonly Curve[]
  /** What is drawn beside them, and is in no table. */
  faint?: readonly Curve[]
  /** Of the place that is kept free before. */
  emptyHeight?: number
}

export function SliceFigure(props: SliceFigureProps) {
  const { id, axis, curves, faint = [], title, subtitle, legend, emptyHeight = ASKED_HEIGHT } = props
  const { unit = 'number', log = false, height = SLICE_HEIGHT, lines, xDomain, xTicks, marks } = props
  const isEmpty = curves.length === 0
  const room = isEmpty ? emptyHeight : height
  return (
    <Figure
      title={title}
      subtitle={subtitle}
      description={isEmpty ? 'Not computed yet.' : props.description}
      table={() => sliceTable(axis, curves, unit === 'percent' ? formatPercent : formatNumber)}
      height={room}
      empty={isEmpty}
      files={useMeasureFiles(id)}
      legend={legend}
    >
      {isEmpty ? (
        <NotComputed height={room} />
      ) : (
        <LazyLineChart
          rows={rowsOf([...curves, ...faint])}
          lines={lines}
          xDomain={xDomain}
          xTicks={xTicks}
          xLabel={axis}
          unit={unit}
          log={log}
          fromZero={!log}
          marks={marks}
          height={height}
        />
      )}
    </Figure>
  )
}
