/** Rows as the text of SVG paths, in tenths of a pixel: the browser parses it as often as a curve grows. */
import type { Row } from './rows'

/** From a value to its place, in pixels; recharts' own, which may have none for a value. */
type Scale = (value: number) => number | undefined

const place = (value: number | undefined) => String(Math.round((value ?? 0) * 10) / 10)

/** A line through the values of `key`; rows without one are passed over. */
export function linePath(rows: readonly Row[], key: string, x: Scale, y: Scale): string {
  let path = ''
  for (const row of rows) {
    const value = row[key]
    if (value === undefined) continue
    path += `${path === '' ? 'M' : 'L'}${place(x(row.x))},${place(y(value))}`
  }
  return path
}

/** What lies between the values of `low` and `high`, along and back; rows without them are passed over. */
export function bandPath(rows: readonly Row[], low: string, high: string, x: Scale, y: Scale): string {
  const banded = rows.filter((row) => row[low] !== undefined && row[high] !== undefined)
  if (banded.length === 0) return ''
  const back = linePath([...banded].reverse(), low, x, y).replace('M', 'L')
  return `${linePath(banded, high, x, y)}${back}Z`
}

/** A point at each value: strokes without length, which round ends make dots of. */
export function dotsPath(rows: readonly Row[], key: string, x: Scale, y: Scale): string {
  let path = ''
  for (const row of rows) {
    const value = row[key]
    if (value !== undefined) path += `M${place(x(row.x))},${place(y(value))}h0`
  }
  return path
}
