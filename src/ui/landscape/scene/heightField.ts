/**
 * A surface as a field of heights over the box's floor: its cells in the order in which they are painted, farthest first,
 * so that what is painted later hides what it stands before (over a grid that order is exact), and which of its points are
 * seen from where the viewer stands.
 */
import { bilinear } from '../basin'
import { contourLines, type Segment } from '../contourLines'

type Field = readonly (readonly number[])[]

/** A place of the grid, with fractions. */
export interface OnGrid {
  column: number
  row: number
}

/** Rows and columns in the order in which they are painted: towards the viewer from both sides. */
export function paintOrder(cells: number, eye: number): number[] {
  const order: number[] = []
  // Cell k lies between −1 + 2k/cells and −1 + 2(k+1)/cells.
  const nearest = Math.floor(((eye + 1) / 2) * cells)
  for (let k = 0; k < Math.min(nearest, cells); k++) order.push(k)
  for (let k = cells - 1; k >= Math.max(nearest, 0); k--) order.push(k)
  return order
}

/** What the surface may stand over the line of sight and still not hide: lines lie on it. */
const SLACK = 0.004
/** Of the line of sight, in cells: what is nearer is the point's own neighbourhood. */
const STRIDE = 0.6

/**
 * Whether nothing of the surface is between a point over it and the viewer.
 * @param heights z over the floor of the box
 * @param lift of the point over the surface
 */
export function isSeen(
  heights: Field,
  { column, row }: OnGrid,
  lift: number,
  eye: readonly [number, number, number],
): boolean {
  const [rows, columns] = [heights.length - 1, heights[0].length - 1]
  const [toX, toY] = [((eye[0] + 1) / 2) * columns - column, ((eye[1] + 1) / 2) * rows - row]
  const from = bilinear(heights, column, row) + lift
  const steps = Math.hypot(toX, toY) / STRIDE
  for (let k = 1; k < steps; k++) {
    const share = k / steps
    const [j, i] = [column + share * toX, row + share * toY]
    if (j < 0 || i < 0 || j > columns || i > rows) return true
    if (bilinear(heights, j, i) > from + share * (eye[2] - from) + SLACK) return false
  }
  return true
}

/** Lines of equal height. */
export const contours = (z: Field, levels: readonly number[]): Segment[] =>
  levels.flatMap((level) => contourLines(z, level))

/** The line over the surface along a column or a row, which may lie between two of the grid. */
export function acrossCells(along: 'row' | 'column', at: number, length: number): Segment[] {
  return Array.from({ length: length - 1 }, (_, k) =>
    along === 'row' ? { from: [k, at], to: [k + 1, at] } : { from: [at, k], to: [at, k + 1] },
  )
}

/** Cells of a coarse grid are divided until there are about so many a side: each has one colour. */
const FINE = 80

/** The same surface on another grid, linear between its points; coarser where there are more than `most` of them. */
export function regridded(z: Field, most: number): Field {
  const count = (points: number) => {
    const cells = Math.max(points - 1, 1)
    const parts = 2 ** Math.max(0, Math.floor(Math.log2(FINE / cells)))
    return Math.min(cells * parts + 1, most)
  }
  const [rows, columns] = [count(z.length), count(z[0].length)]
  if (rows === z.length && columns === z[0].length) return z
  const at = (k: number, of: number, points: number) => (k * (points - 1)) / (of - 1)
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) =>
      bilinear(z, at(j, columns, z[0].length), at(i, rows, z.length)),
    ),
  )
}
