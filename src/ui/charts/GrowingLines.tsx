/**
 * A chart's lines inside recharts' frame, at its scales, drawn anew for new points by one attribute a line. recharts'
 * own lines make it render all parts of a chart twice for new data.
 */
import { createContext, memo, useContext, useId } from 'react'
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts'
import type { ChartLine } from './chartLines'
import { bandPath, dotsPath, linePath } from './linePath'
import type { Row } from './rows'

export interface Drawn {
  rows: readonly Row[]
  lines: readonly ChartLine[]
}

/** Past the frame, which stays as it is. */
export const DrawnContext = createContext<Drawn>({ rows: [], lines: [] })

/** Round ends and half a line's width may stand over the plot. */
const OVER = 3

export function GrowingLines() {
  const { rows, lines } = useContext(DrawnContext)
  const area = usePlotArea()
  const [x, y] = [useXAxisScale(), useYAxisScale()]
  const clip = useId()
  if (!area || !x || !y) return null
  return (
    <g clipPath={`url(#${clip})`} fill="none" strokeLinejoin="round">
      <clipPath id={clip}>
        <rect x={area.x} y={area.y - OVER} width={area.width + OVER} height={area.height + 2 * OVER} />
      </clipPath>
      {lines.map((line) => (
        <GrowingLine key={line.key} line={line} rows={rows} x={x} y={y} />
      ))}
    </g>
  )
}

interface GrowingLineProps {
  line: ChartLine
  rows: readonly Row[]
  x: NonNullable<ReturnType<typeof useXAxisScale>>
  y: NonNullable<ReturnType<typeof useYAxisScale>>
}

const GrowingLine = memo(function GrowingLine({ line, rows, x, y }: GrowingLineProps) {
  const { key, className, label, color, raw, opacity = 0.3, dash, dots, band } = line
  return (
    <g
      className={className}
      data-legend={raw ? undefined : label}
      stroke={color}
      strokeOpacity={raw ? opacity : 1}
    >
      {band && (
        <path
          className="interval"
          d={bandPath(rows, band.low, band.high, x, y)}
          fill={color}
          fillOpacity={0.16}
          stroke="none"
        />
      )}
      <path d={linePath(rows, key, x, y)} strokeWidth={raw ? 1 : 2} strokeDasharray={dash} />
      {dots && <path d={dotsPath(rows, key, x, y)} strokeWidth={5} strokeLinecap="round" />}
    </g>
  )
})
