/**
 * What the lines say where somebody points, at this chart or another one over the same axis: a cursor, and each line's
 * nearest point in a box. recharts' own tooltip needs its own lines, which are not there at the first event, and no finger opens it.
 */
import { useContext, useEffect } from 'react'
import { createPortal } from 'react-dom'
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts'
import { formatInterval, formatNumber, formatPercent, formatTick } from '../format'
import { pointAt, useCrosshair } from './crosshair'
import { DrawnContext } from './GrowingLines'
import { nearestRow } from './nearestRow'
import { PointedContext } from './pointed'

interface PointReadingProps {
  xLabel: string
  unit: 'number' | 'percent'
}

export function PointReading({ xLabel, unit }: PointReadingProps) {
  const { at, box, plot } = useContext(PointedContext)
  const { rows, lines } = useContext(DrawnContext)
  const area = usePlotArea()
  const [x, y] = [useXAxisScale(), useYAxisScale()]
  const elsewhere = useCrosshair((crosshair) => (crosshair.axis === xLabel ? crosshair.x : undefined))
  const strong = lines.filter(({ raw }) => !raw)
  const keys = strong.map(({ key }) => key)
  const here = (value: number) => Math.abs((x?.(value) ?? Number.POSITIVE_INFINITY) - at!)
  const pointed = at === undefined ? undefined : nearestRow(rows, keys, here)?.x
  useEffect(() => {
    if (plot && area) plot.current = { left: area.x, width: area.width }
  }, [plot, area])
  // Whoever is pointed at tells the others; what they say they look up for themselves.
  useEffect(() => {
    if (pointed !== undefined) pointAt(xLabel, pointed)
  }, [pointed, xLabel])
  const target = pointed ?? elsewhere
  if (target === undefined || !box || !area || !x || !y) return null
  const shown = strong.flatMap((line) => {
    const row = nearestRow(rows, [line.key], (value) => Math.abs(value - target))
    const value = row?.[line.key]
    return value === undefined ? [] : [{ ...line, value, row: row! }]
  })
  if (shown.length === 0) return null
  const format = unit === 'percent' ? formatPercent : formatNumber
  const place = x(target) ?? area.x
  if (place < area.x - 1 || place > area.x + area.width + 1) return null
  const onLeft = place > area.x + area.width / 2
  return (
    <>
      <path d={`M${place},${area.y}V${area.y + area.height}`} stroke="var(--mantine-color-dimmed)" />
      {shown.map(({ key, color, value, row }) => (
        <circle key={key} cx={x(row.x)} cy={y(value)} r={4} fill={color} />
      ))}
      {createPortal(
        <div
          className="point-reading"
          style={{
            top: area.y,
            left: place,
            transform: onLeft ? 'translateX(calc(-100% - 24px))' : undefined,
          }}
        >
          <div>
            {formatTick(target)} {xLabel}
          </div>
          {shown.map(({ key, label, color, value, band, row }) => (
            <div key={key} style={{ color }}>
              {label}:{' '}
              {band ? `${formatInterval(value, row[band.half], unit)} (${row[band.n]})` : format(value)}
            </div>
          ))}
        </div>,
        box,
      )}
    </>
  )
}
