/** From where to where the values of a chart lie, so that its scale shows them. */
import type { ChartLine } from './chartLines'
import type { Row } from './rows'

export interface ExtentOptions {
  /** The scale begins at zero (or below, where values are). */
  fromZero?: boolean
  /** A logarithmic scale knows no other values. */
  positive?: boolean
  /** What the first steps reach is left out where what follows would be flat beside it. */
  settled?: boolean
}

/** The share of a chart that counts as its beginning, and how much higher a spike there is. */
const BEGINNING = 0.08
const SPIKE = 2
/** With fewer values nobody knows what follows. */
const FEWEST = 12

/** Smallest and largest value drawn on a stretch of the axis; `spike` is what the beginning reaches above the scale. */
export function extent(
  rows: readonly Row[],
  lines: readonly ChartLine[],
  [from, to]: readonly [number, number],
  { fromZero = false, positive = false, settled = false }: ExtentOptions,
): { low: number; high: number; spike?: number } {
  const seen = rows.filter(({ x }) => x >= from && x <= to)
  const all = between(seen, lines, fromZero, positive)
  if (!settled || seen.length < FEWEST) return all
  const later = between(seen.slice(Math.ceil(BEGINNING * seen.length)), lines, fromZero, positive)
  return all.high > SPIKE * later.high && later.high > 0 ? { ...later, spike: all.high } : all
}

function between(rows: readonly Row[], lines: readonly ChartLine[], fromZero: boolean, positive: boolean) {
  let low = fromZero ? 0 : Infinity
  let high = -Infinity
  for (const row of rows) {
    for (const { key, band } of lines) {
      const value = row[key]
      if (value === undefined) continue
      // On a logarithmic scale an interval may reach below what there is.
      const [least, most] = band ? [row[band.low] ?? value, row[band.high] ?? value] : [value, value]
      if (least < low && (!positive || least > 0)) low = least
      if (value < low) low = value
      if (most > high) high = most
    }
  }
  return { low, high }
}
