/** What figures of a value along a line share: the chart, the table that says the same, and the place kept free. */
import { thinned } from '../../base/thinned'
import type { FigureTable } from '../charts/Figure'
import type { Row } from '../charts/rows'

export const SLICE_HEIGHT = 210
/** Of a figure that is empty until somebody asks for it: nothing keeps its place free. */
export const ASKED_HEIGHT = 84
const TABLE_ROWS = 11

/** One curve: values at places. */
export interface Curve {
  /** Of the rows and of the line. */
  key: string
  name: string
  at: Float64Array
  y: Float64Array
}

/** A row for each place of any curve; curves need not have the same. */
export function rowsOf(curves: readonly Curve[]): Row[] {
  const rows = new Map<number, Row>()
  for (const { key, at, y } of curves)
    at.forEach((x, i) => {
      const row: Row = rows.get(x) ?? { x }
      if (Number.isFinite(y[i])) row[key] = y[i]
      rows.set(x, row)
    })
  return [...rows.values()].sort((a, b) => a.x - b.x)
}

/** Some places of them, evenly spread. */
export function sliceTable(
  axis: string,
  curves: readonly Curve[],
  format: (value: number) => string,
): FigureTable {
  const rows = thinned([...(curves[0]?.at ?? [])], TABLE_ROWS).map((x) => [
    x.toFixed(2),
    ...curves.map(({ at, y }) => format(y[nearest(at, x)])),
  ])
  return { header: [axis, ...curves.map(({ name }) => name)], rows }
}

const nearest = (at: Float64Array, x: number): number =>
  at.reduce((best, place, i) => (Math.abs(place - x) < Math.abs(at[best] - x) ? i : best), 0)

export function NotComputed({ height }: { height: number }) {
  return (
    <div className="empty" style={{ height }}>
      Not computed yet.
    </div>
  )
}
