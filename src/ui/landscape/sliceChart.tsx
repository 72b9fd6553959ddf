/** What figures of a value along a line share: the chart, the table that says the same, and the place kept free. */
import type { FigureTable } from '../charts/Figure'
import type { Row } from '../charts/rows'

export const SLICE_HEIGHT = 210
const TABLE_ROWS = 11

/** One curve: values at places. */
export interface Curve {
  /** Of the rows and of the line. */
  key: string
  name: string
  at: Float64Array
  y: Float64Array
}

export function rowsOf(curves: readonly Curve[]): Row[] {
  return Array.from(curves[0].at, (x, i) => {
    const row: Row = { x }
    for (const { key, y } of curves) if (Number.isFinite(y[i])) row[key] = y[i]
    return row
  })
}

/** Some places of them, evenly spread. */
export function sliceTable(
  axis: string,
  curves: readonly Curve[],
  format: (value: number) => string,
): FigureTable {
  const length = curves[0]?.at.length ?? 0
  const count = Math.min(TABLE_ROWS, length)
  const rows = Array.from({ length: count }, (_, k) => {
    const i = Math.round((k * (length - 1)) / Math.max(count - 1, 1))
    return [curves[0].at[i].toFixed(2), ...curves.map(({ y }) => format(y[i]))]
  })
  return { header: [axis, ...curves.map(({ name }) => name)], rows }
}

export function NotComputed({ height }: { height: number }) {
  return (
    <div className="empty" style={{ height }}>
      Not computed yet.
    </div>
  )
}
