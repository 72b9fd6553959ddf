/** A number over two settings: what a heat map draws. */

export type Coordinate = string | number | boolean | null | readonly number[]

export interface HeatPoint {
  x: Coordinate
  y: Coordinate
  value: number
}

export interface HeatMap {
  /** Ascending. */
  xs: Coordinate[]
  ys: Coordinate[]
  /** [y][x]: the mean of the points there; NaN where there is none. */
  values: number[][]
}

export function heatMapOf(points: readonly HeatPoint[]): HeatMap {
  const xs = ascending(points.map(({ x }) => x))
  const ys = ascending(points.map(({ y }) => y))
  const values = ys.map((y) =>
    xs.map((x) => {
      const here = points.filter((point) => same(point.x, x) && same(point.y, y))
      return here.reduce((sum, { value }) => sum + value, 0) / here.length
    }),
  )
  return { xs, ys, values }
}

const same = (a: Coordinate, b: Coordinate) => JSON.stringify(a) === JSON.stringify(b)

/** Numbers by size, all else by its text. */
function ascending(coordinates: readonly Coordinate[]): Coordinate[] {
  const distinct = new Map(coordinates.map((one) => [JSON.stringify(one), one]))
  return [...distinct.values()].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
  )
}
