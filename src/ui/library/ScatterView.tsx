/** The scatter by recharts, in a chunk of its own. */
import { CartesianGrid, Scatter, ScatterChart, Tooltip, XAxis, YAxis } from 'recharts'
import { axisTicks, logTicks } from '../charts/axisTicks'
import { formatTick } from '../format'
import type { ScatterPoint } from './scatter'

export interface ScatterSeries {
  key: string
  label: string
  color: string
  points: readonly ScatterPoint[]
}

interface ScatterViewProps {
  series: readonly ScatterSeries[]
  /** Of the values 0, 1, 2 … where they are no numbers. */
  names?: readonly string[]
  log: boolean
  xLabel: string
  text(value: number): string
  height: number
}

const TICK = { fontSize: 12, fill: 'var(--mantine-color-dimmed)' }
/** Points at the ends stand whole within. */
const PADDING = { left: 14, right: 14 }
const MARGIN = { top: 12, right: 16, bottom: 18, left: 0 }

export default function ScatterView({ series, names, log, xLabel, text, height }: ScatterViewProps) {
  const points = series.flatMap((one) => one.points)
  const [low, high] = extent(points.map(({ x }) => x))
  const yTicks = axisTicks(...extent(points.map(({ y }) => y)))
  const xTicks = names ? names.map((_, i) => i) : log ? logTicks(low, high) : axisTicks(low, high)
  const xEnds = names ? [-0.5, names.length - 0.5] : [xTicks[0], xTicks[xTicks.length - 1]]
  return (
    <ScatterChart responsive style={{ width: '100%', height }} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid vertical={false} stroke="var(--basin-line)" />
      <XAxis
        dataKey="x"
        type="number"
        scale={log ? 'log' : 'linear'}
        domain={xEnds}
        padding={PADDING}
        ticks={xTicks}
        tickLine={false}
        axisLine={{ stroke: 'var(--basin-line)' }}
        tick={TICK}
        tickFormatter={(value: number) => names?.[value] ?? formatTick(value)}
        label={{ value: xLabel, position: 'insideBottomRight', offset: -12, ...TICK }}
      />
      <YAxis
        dataKey="y"
        width={60}
        type="number"
        domain={[yTicks[0], yTicks[yTicks.length - 1]]}
        ticks={yTicks}
        tickLine={false}
        axisLine={false}
        tick={TICK}
        tickFormatter={text}
      />
      <Tooltip cursor={false} isAnimationActive={false} content={<PointText text={text} names={names} />} />
      {series.map(({ key, label, color, points }) => (
        <Scatter
          key={key}
          className={`scatter-${key}`}
          name={label}
          data={[...points]}
          fill={color}
          stroke="var(--mantine-color-body)"
          isAnimationActive={false}
        />
      ))}
    </ScatterChart>
  )
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}

interface PointTextProps extends Pick<ScatterViewProps, 'text' | 'names'> {
  payload?: readonly { payload?: ScatterPoint }[]
}

/** recharts hands it the point. */
function PointText({ payload, text, names }: PointTextProps) {
  const point = payload?.[0]?.payload
  if (!point) return null
  return (
    <div className="point-reading" style={{ position: 'static' }}>
      <div>{point.name}</div>
      <div>
        {names?.[point.x] ?? formatTick(point.x)}: {text(point.y)}
      </div>
    </div>
  )
}
