/** The recharts part of every line chart, in a chunk of its own that loads when the first chart is shown. */
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from 'recharts'
import { formatNumber, formatPercent } from '../format'
import { axisTicks } from './axisTicks'
import type { Row } from './rows'

export interface ChartLine {
  /** Key of the rows. */
  key: string
  /** Class of the line; the journeys and the style sheet know `curve-sgd`, `curve-sam`, `curve-path`. */
  className: string
  label: string
  color: string
  dashed?: boolean
  /** Faint line behind: unsmoothed values. */
  raw?: boolean
  /** Marks each point: few values, measured now and then. */
  dots?: boolean
}

export interface LineChartProps {
  rows: Row[]
  lines: ChartLine[]
  /** `undefined` upper end: as far as the data goes. */
  xDomain: [number, number | undefined]
  xTicks?: number[]
  xLabel: string
  unit: 'number' | 'percent'
  log: boolean
  /** The scale begins at zero (or below, where values are). */
  fromZero: boolean
  height: number
}

/** Smallest and largest drawn value. */
function extent(rows: readonly Row[], lines: readonly ChartLine[], fromZero: boolean): [number, number] {
  let low = fromZero ? 0 : Infinity
  let high = -Infinity
  for (const row of rows)
    for (const { key } of lines) {
      const value = row[key]
      if (value === undefined) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  return [low, high]
}

const TICK = { fontSize: 12, fill: 'var(--mantine-color-dimmed)' }
const shortNumber = (value: number): string =>
  Math.abs(value) >= 10_000
    ? `${Number((value / 1000).toPrecision(3))}k`
    : String(Number(value.toPrecision(3)))

export default function LineChartView(props: LineChartProps) {
  const { rows, lines, xDomain, xTicks, xLabel, unit, log, fromZero, height } = props
  const format = unit === 'percent' ? formatPercent : formatNumber
  const yTick = (value: number) =>
    unit === 'percent' ? `${Number((100 * value).toPrecision(3))}` : shortNumber(value)
  const ticks = axisTicks(...extent(rows, lines, fromZero))
  return (
    <LineChart
      responsive
      style={{ width: '100%', height }}
      data={rows}
      margin={{ top: 8, right: 12, bottom: 18, left: 0 }}
      accessibilityLayer={false}
    >
      <CartesianGrid vertical={false} stroke="var(--basin-line)" />
      <XAxis
        dataKey="x"
        type="number"
        domain={[xDomain[0], xDomain[1] ?? 'dataMax']}
        ticks={xTicks}
        allowDataOverflow
        tickLine={false}
        axisLine={{ stroke: 'var(--basin-line)' }}
        tick={TICK}
        tickFormatter={shortNumber}
        label={{ value: xLabel, position: 'insideBottomRight', offset: -12, ...TICK }}
      />
      <YAxis
        width={44}
        scale={log ? 'log' : 'linear'}
        domain={log ? ['auto', 'auto'] : [ticks[0], ticks[ticks.length - 1]]}
        ticks={log ? undefined : ticks}
        interval={0}
        allowDataOverflow
        tickLine={false}
        axisLine={false}
        tick={TICK}
        tickFormatter={yTick}
      />
      <Tooltip
        isAnimationActive={false}
        formatter={(value) => format(Number(value))}
        labelFormatter={(x) => `${shortNumber(Number(x))} ${xLabel}`}
        contentStyle={{
          background: 'var(--mantine-color-body)',
          border: '1px solid var(--basin-line)',
          borderRadius: 10,
          fontSize: 13,
        }}
        cursor={{ stroke: 'var(--mantine-color-dimmed)', strokeWidth: 1 }}
      />
      {lines.map((line) => (
        <Line
          key={line.key}
          dataKey={line.key}
          name={line.label}
          className={line.className}
          type="linear"
          stroke={line.color}
          strokeWidth={line.raw ? 1 : 2}
          strokeOpacity={line.raw ? 0.3 : 1}
          strokeDasharray={line.dashed && !line.raw ? '6 4' : undefined}
          tooltipType={line.raw ? 'none' : undefined}
          dot={line.dots ? { r: 2.5, fill: line.color, strokeWidth: 0 } : false}
          activeDot={line.raw ? false : { r: 4, strokeWidth: 0 }}
          connectNulls
          isAnimationActive={false}
        />
      ))}
    </LineChart>
  )
}
