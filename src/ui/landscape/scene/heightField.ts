/**
 * A surface as cells of a scene, the farthest first, so that what is painted later hides what it stands before: over a
 * grid that order is exact, and lines that lie on the surface are painted with their cells.
 */
import { bilinear } from '../basin'
import { contourLines, type Segment } from '../contourLines'

/** Rows and columns in the order in which they are painted: towards the viewer from both sides. */
export function paintOrder(cells: number, eye: number): number[] {
  const order: number[] = []
  // Cell k lies between −1 + 2k/cells and −1 + 2(k+1)/cells.
  const nearest = Math.floor(((eye + 1) / 2) * cells)
  for (let k = 0; k < Math.min(nearest, cells); k++) order.push(k)
  for (let k = cells - 1; k >= Math.max(nearest, 0); k--) order.push(k)
  return order
}

/** A line on the surface, in pieces that each lie in one cell. */
export interface Draped {
  segments: readonly Segment[]
  color: string
  width: number
  /** A line of this colour below it. */
  casing?: string
}

/** Pieces by the cell that they lie in: row · columns + column. */
export function byCell(lines: readonly Draped[], rows: number, columns: number) {
  const cells = new Map<number, { segment: Segment; line: Draped }[]>()
  for (const line of lines) {
    for (const segment of line.segments) {
      const at = (k: 0 | 1, most: number) =>
        Math.min(Math.max(Math.floor((segment.from[k] + segment.to[k]) / 2), 0), most - 1)
      const cell = at(1, rows) * columns + at(0, columns)
      const there = cells.get(cell)
      if (there) there.push({ segment, line })
      else cells.set(cell, [{ segment, line }])
    }
  }
  return cells
}

/** Lines of equal height. */
export const contours = (z: readonly (readonly number[])[], levels: readonly number[]): Segment[] =>
  levels.flatMap((level) => contourLines(z, level))

/** The line over the surface along a column or a row, which may lie between two of the grid. */
export function acrossCells(along: 'row' | 'column', at: number, length: number): Segment[] {
  return Array.from({ length: length - 1 }, (_, k) =>
    along === 'row' ? { from: [k, at], to: [k + 1, at] } : { from: [at, k], to: [at, k + 1] },
  )
}

/** Every nth point, first and last among them: fewer cells while a scene is being turned. */
export function thinned(z: readonly (readonly number[])[], most: number): readonly (readonly number[])[] {
  const [rows, columns] = [fewer(z.length, most), fewer(z[0].length, most)]
  if (rows === z.length && columns === z[0].length) return z
  const at = (k: number, of: number, count: number) => (k * (count - 1)) / (of - 1)
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) =>
      bilinear(z, at(j, columns, z[0].length), at(i, rows, z.length)),
    ),
  )
}

const fewer = (count: number, most: number) => Math.min(count, most)
