/**
 * What the lines say where somebody points, with a mouse or a finger: a cursor and a box at the nearest point that is
 * drawn. recharts' own tooltip needs its own lines, which are not there at the first event, and no finger opens it.
 */
import { useContext } from 'react'
import { createPortal } from 'react-dom'
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts'
import { formatInterval, formatNumber, formatPercent, formatTick } from '../format'
import { DrawnContext } from './GrowingLines'
import { nearestRow } from './nearestRow'
import { PointedContext } from './pointed'

interface PointReadingProps {
  xLabel: string
  unit: 'number' | 'percent'
}

export function PointReading({ xLabel, unit }: PointReadingProps) {
  const { at, box } = useContext(PointedContext)
  const { rows, lines } = useContext(DrawnContext)
  const area = usePlotArea()
  const [x, y] = [useXAxisScale(), useYAxisScale()]
  if (at === undefined || !box || !area || !x || !y) return null
  const strong = lines.filter(({ raw }) => !raw)
  const row = nearestRow(
    rows,
    strong.map(({ key }) => key),
    (value) => Math.abs((x(value) ?? Number.POSITIVE_INFINITY) - at),
  )
  if (!row) return null
  const shown = strong.flatMap((line) => {
    const value = row[line.key]
    return value === undefined ? [] : [{ ...line, value }]
  })
  const format = unit === 'percent' ? formatPercent : formatNumber
  const place = x(row.x) ?? area.x
  const onLeft = place > area.x + area.width / 2
  return (
    <>
      <path d={`M${place},${area.y}V${area.y + area.height}`} stroke="var(--mantine-color-dimmed)" />
      {shown.map(({ key, color, value }) => (
        <circle key={key} cx={place} cy={y(value)} r={4} fill={color} />
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
            {formatTick(row.x)} {xLabel}
          </div>
          {shown.map(({ key, label, color, value, band }) => (
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
