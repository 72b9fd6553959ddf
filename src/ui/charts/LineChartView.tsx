/**
 * Every line chart, in a chunk of its own that loads when the first chart is shown.
 *
 * recharts draws the frame: grid, axes and what is written at them, and its scales place all else. The rest is ours,
 * because recharts renders a whole chart twice for new data: the lines (GrowingLines.tsx, linePath.ts), which values
 * stand at an axis (axisTicks.ts), what is read where somebody points (pointed.ts, PointReading.tsx), and when a chart is
 * drawn at all (useInTurn.ts).
 */
import { memo, useMemo, useRef, useState } from 'react'
import { CartesianGrid, LineChart, ReferenceLine } from 'recharts'
import { formatNumber, formatPercent } from '../format'
import { axisTicks, logTicks } from './axisTicks'
import type { ChartLine } from './chartLines'
import { extent } from './extent'
import { DrawnContext, GrowingLines } from './GrowingLines'
import { PointReading } from './PointReading'
import { PointedContext, usePointed } from './pointed'
import type { Row } from './rows'
import { ScalesContext, TICK, XScale, YScale } from './scales'

export interface Mark {
  x: number
  label: string
}

export interface LineChartProps {
  rows: readonly Row[]
  lines: readonly ChartLine[]
  /** `undefined` upper end: as far as the data goes. */
  xDomain: [number, number | undefined]
  xTicks?: readonly number[]
  xLabel: string
  unit: 'number' | 'percent'
  log: boolean
  /** The scale begins at zero (or below, where values are). */
  fromZero: boolean
  /** The scale is that of what follows the first steps. */
  settled?: boolean
  /** Places on the axis that have a name. */
  marks?: readonly Mark[]
  height: number
  /** Told which stretch of the axis a person wants to see more closely, or undefined for all of it. */
  onZoom?: (stretch: [number, number] | undefined) => void
}

export default function LineChartView(props: LineChartProps) {
  const { rows, lines, xDomain, xTicks, xLabel, unit, log, fromZero, settled, height, onZoom } = props
  const chart = useRef<HTMLDivElement>(null)
  const [box, setBox] = useState<HTMLDivElement | null>(null)
  const drawn = useMemo(() => ({ rows, lines }), [rows, lines])
  // An end that is not given moves in round steps: the frame need not follow every point.
  const end = xDomain[1] ?? axisTicks(xDomain[0], rows.at(-1)?.x ?? xDomain[0]).at(-1)!
  const placeOf = (share: number) => xDomain[0] + share * (end - xDomain[0])
  const onStretch = onZoom && ((from: number, to: number) => onZoom([placeOf(from), placeOf(to)]))
  const { at, drag, plot, handlers } = usePointed(chart, { axis: xLabel, rows, onStretch })
  const pointed = useMemo(() => ({ at, box, plot }), [at, box, plot])
  const { low, high, spike } = extent(rows, lines, [xDomain[0], end], {
    fromZero: fromZero && !log,
    positive: log,
    settled: settled && !log,
  })
  const xDrawn = useSteady([xDomain[0], end])
  const xTicksDrawn = useSteady(xTicks ?? [])
  const yTicks = useSteady(log ? logTicks(low, high) : axisTicks(low, high))
  const scales = useMemo(
    () => ({ xDomain: xDrawn, xTicks: xTicksDrawn, yTicks }),
    [xDrawn, xTicksDrawn, yTicks],
  )
  return (
    // biome-ignore lint/a11y/useSemanticElements: a picture that is read by its points
    <div
      ref={chart}
      className="line-chart"
      style={{ height }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read it
      tabIndex={0}
      role="group"
      aria-label={`Points over ${xLabel}, by arrow keys`}
      onDoubleClick={onZoom && (() => onZoom(undefined))}
      {...handlers}
    >
      {drag && <div className="stretch" style={stretchStyle(drag)} />}
      <DrawnContext value={drawn}>
        <PointedContext value={pointed}>
          <ScalesContext value={scales}>
            <Frame xLabel={xLabel} unit={unit} log={log} marks={props.marks ?? NO_MARKS} height={height} />
          </ScalesContext>
        </PointedContext>
      </DrawnContext>
      {spike !== undefined && (
        <div className="spike">
          ↑ begins at {unit === 'percent' ? formatPercent(spike) : formatNumber(spike)}
        </div>
      )}
      <div ref={setBox} />
    </div>
  )
}

const stretchStyle = ({ from, to }: { from: number; to: number }) => ({
  left: Math.min(from, to),
  width: Math.abs(to - from),
})

const NO_ROWS: Row[] = []
const NO_MARKS: readonly Mark[] = []

/** The same array as long as its values are. */
function useSteady(values: readonly number[]): number[] {
  const text = values.join()
  return useMemo(() => (text === '' ? [] : text.split(',').map(Number)), [text])
}

interface FrameProps extends Pick<LineChartProps, 'xLabel' | 'unit' | 'log' | 'height'> {
  marks: readonly Mark[]
}

const MARGIN = { top: 8, right: 12, bottom: 0, left: 0 }

/** What stays while curves grow and somebody points at them. */
const Frame = memo(function Frame({ xLabel, unit, log, marks, height }: FrameProps) {
  return (
    <LineChart
      responsive
      style={{ width: '100%', height }}
      data={NO_ROWS}
      margin={MARGIN}
      accessibilityLayer={false}
    >
      <CartesianGrid vertical={false} stroke="var(--basin-line)" />
      <XScale label={xLabel} />
      <YScale unit={unit} log={log} />
      {marks.map(({ x, label }) => (
        <ReferenceLine
          key={x}
          x={x}
          stroke="var(--mantine-color-dimmed)"
          strokeDasharray="2 3"
          label={{ value: label, position: 'insideTopLeft', ...TICK }}
        />
      ))}
      <GrowingLines />
      <PointReading xLabel={xLabel} unit={unit} />
    </LineChart>
  )
})
