/** A surface cell by cell, and what lies on it as far as it is seen. */
import { bilinear } from '../basin'
import type { Segment } from '../contourLines'
import { viridis } from '../viridis'
import type { View } from './camera'
import { isSeen, type OnGrid, paintOrder } from './heightField'
import type { Pen } from './pen'

/** A surface in its box. */
export interface Standing {
  view: View
  /** From the lowest to the highest of the scale, 0 to 1. */
  shares: readonly (readonly number[])[]
  /** Over the floor. */
  heights: readonly (readonly number[])[]
}

/** Lines on a surface, in pieces. */
export interface Draped {
  segments: readonly Segment[]
  color: string
  width: number
  /** A wider line of this colour below it. */
  casing?: string
}

/** Where a point over the surface is on paper. */
export function onPaper({ view, heights }: Standing, { column, row }: OnGrid, lift = 0): [number, number] {
  const [rows, columns] = [heights.length - 1, heights[0].length - 1]
  const height = bilinear(heights, column, row) + lift
  return view.at((2 * column) / columns - 1, (2 * row) / rows - 1, height)
}

export function drawCells(pen: Pen, standing: Standing): void {
  const { view, shares, heights } = standing
  const [rows, columns] = [heights.length - 1, heights[0].length - 1]
  const points = heights.map((line, row) => line.map((_, column) => onPaper(standing, { column, row })))
  for (const i of paintOrder(rows, view.eye[1])) {
    for (const j of paintOrder(columns, view.eye[0])) {
      const corners = [points[i][j], points[i][j + 1], points[i + 1][j + 1], points[i + 1][j]]
      const share = (shares[i][j] + shares[i][j + 1] + shares[i + 1][j + 1] + shares[i + 1][j]) / 4
      const [a, b, c, d] = [heights[i][j], heights[i][j + 1], heights[i + 1][j + 1], heights[i + 1][j]]
      const slopes: [number, number] = [((b + c - a - d) * columns) / 4, ((c + d - a - b) * rows) / 4]
      pen.polygon(corners.flat(), css(lit(viridis(share), slopes, view, corners)), true)
    }
  }
}

export function drape(pen: Pen, standing: Standing, lines: readonly Draped[]): void {
  for (const { segments, color, width, casing } of lines) {
    const seen = segments.flatMap(({ from, to }) => {
      const middle = { column: (from[0] + to[0]) / 2, row: (from[1] + to[1]) / 2 }
      if (!isSeen(standing.heights, middle, 0, standing.view.eye)) return []
      const end = ([column, row]: Segment['from']) => onPaper(standing, { column, row })
      return [[...end(from), ...end(to)]]
    })
    if (casing) pen.lines(seen, { color: casing, width: width + 2 })
    pen.lines(seen, { color, width })
  }
}

type Rgb = readonly [number, number, number]

/** Lit from the viewer's upper left; the underside is darker. Little, since colours are values. */
function lit(
  rgb: Rgb,
  [sx, sy]: readonly [number, number],
  { camera }: View,
  corners: readonly (readonly [number, number])[],
): Rgb {
  const angle = camera.azimuth - 0.9
  const slope = Math.cos(angle) * sx + Math.sin(angle) * sy
  const facing = (0.75 - 0.6 * slope) / Math.sqrt(1 + sx * sx + sy * sy)
  const light = (isUnderside(corners) ? 0.72 : 0.86) + 0.2 * Math.min(Math.max(facing, -0.4), 1)
  return rgb.map((value) => Math.min(255, Math.round(value * light))) as unknown as Rgb
}

/** Corners that go around the other way than they do from above. */
function isUnderside(corners: readonly (readonly [number, number])[]): boolean {
  let area = 0
  corners.forEach(([x, y], k) => {
    const [nextX, nextY] = corners[(k + 1) % corners.length]
    area += x * nextY - nextX * y
  })
  return area > 0
}

export const css = (rgb: Rgb) => `rgb(${rgb.join(' ')})`
