/**
 * A chart's axes, which change alone while the rest of recharts' frame stays: it renders all its parts twice for a new
 * frame, but takes no notice of an axis whose every property is the same object.
 */
import { createContext, useContext, useMemo } from 'react'
import { XAxis, YAxis } from 'recharts'
import { formatTick } from '../format'

export interface Scales {
  xDomain: number[]
  /** None: where recharts would put them. */
  xTicks: number[]
  /** From one end of the axis to the other. */
  yTicks: number[]
}

/** Past the frame. */
export const ScalesContext = createContext<Scales>({ xDomain: [0, 1], xTicks: [], yTicks: [0, 1] })

export const TICK = { fontSize: 12, fill: 'var(--mantine-color-dimmed)' }
const AXIS_LINE = { stroke: 'var(--basin-line)' }

export function XScale({ label }: { label: string }) {
  const { xDomain, xTicks } = useContext(ScalesContext)
  const named = useMemo(
    () => ({ value: label, position: 'insideBottomRight' as const, offset: 5, ...TICK }),
    [label],
  )
  return (
    <XAxis
      dataKey="x"
      type="number"
      domain={xDomain}
      ticks={xTicks.length > 0 ? xTicks : undefined}
      allowDataOverflow
      tickLine={false}
      axisLine={AXIS_LINE}
      tick={TICK}
      tickFormatter={formatTick}
      height={42}
      label={named}
    />
  )
}

/** What has a place to break at is set in two lines. */
const percentTick = (value: number) => `${Number((100 * value).toPrecision(3))}\u00a0%`

export function YScale({ unit, log }: { unit: 'number' | 'percent'; log: boolean }) {
  const { yTicks } = useContext(ScalesContext)
  return (
    <YAxis
      width={44}
      type="number"
      scale={log ? 'log' : 'linear'}
      domain={[yTicks[0], yTicks[yTicks.length - 1]]}
      ticks={yTicks}
      interval={0}
      allowDataOverflow
      tickLine={false}
      axisLine={false}
      tick={TICK}
      tickFormatter={unit === 'percent' ? percentTick : formatTick}
    />
  )
}
