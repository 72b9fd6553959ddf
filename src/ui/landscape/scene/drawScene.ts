/** One surface in its box: floor with lines of equal loss, walls with ticks, the surface with what lies on it, a ball at θ. */
import { bilinear, type DrawnBasin, indexIn, type PlanePoint } from '../basin'
import type { Colors } from '../colors'
import { drawMark } from '../drawContours'
import { viridis } from '../viridis'
import type { Place, View } from './camera'
import { viewOf } from './camera'
import { drawBack, drawFront } from './drawBox'
import { acrossCells, byCell, contours, type Draped, paintOrder, thinned } from './heightField'
import { boxHeightOf, FLOOR, type SceneLook } from './look'
import type { Pen } from './pen'

export function drawScene(pen: Pen, place: Place, basin: DrawnBasin, look: SceneLook): void {
  const { scale, levels, camera, exaggeration, colors, pointed, most } = look
  const { surface, level } = basin
  const boxHeight = boxHeightOf(exaggeration)
  const view = viewOf(camera, boxHeight, place)
  const base = scale.baseOf(surface)
  const z = thinned(surface.z, most).map((row) => row.map((loss) => loss - base))
  const shares = z.map((row) => row.map(scale.share))
  const up = (share: number) => FLOOR + share * (boxHeight - FLOOR)
  drawBack(pen, view, boxHeight, look)
  drawFloor(pen, view, shares, levels.map(scale.share))
  const draped: Draped[] = [{ segments: contours(z, levels), color: 'rgb(255 255 255 / 0.55)', width: 0.8 }]
  if (level !== undefined) draped.push(ring(contours(z, [level - base])))
  if (pointed) draped.push(...cut(pointed, surface, z, colors))
  const ballAt = atTheta(surface, z)
  const hidden = paint(pen, view, shares, up, draped, ballAt)
  drawFront(pen, view, boxHeight, look, basin)
  for (const { name, x, y } of basin.marks) {
    const [column, row] = [gridIndex(surface.x, x, z[0].length), gridIndex(surface.y, y, z.length)]
    if (column === undefined || row === undefined) continue
    const [left, top] = ballPlace(view, shares, up, { column, row })
    drawMark(pen, left, top, name)
  }
  if (ballAt && hidden) {
    const [left, top] = ballPlace(view, shares, up, ballAt)
    pen.circle(left, top, BALL, undefined, { color: 'rgb(255 255 255 / 0.9)', width: 1.2, dash: [2, 2] })
  }
}

const BALL = 6

const ring = (segments: Draped['segments']): Draped => ({
  segments,
  color: '#111',
  width: 1.6,
  casing: '#fff',
})

function cut(
  { x, y }: PlanePoint,
  surface: DrawnBasin['surface'],
  z: readonly (readonly number[])[],
  colors: Colors,
): Draped[] {
  const [column, row] = [gridIndex(surface.x, x, z[0].length), gridIndex(surface.y, y, z.length)]
  const color = colors.resolve('var(--basin-cut)')
  const line = (segments: Draped['segments']): Draped => ({ segments, color, width: 1.4, casing: '#fff' })
  return [
    ...(row === undefined ? [] : [line(acrossCells('row', row, z[0].length))]),
    ...(column === undefined ? [] : [line(acrossCells('column', column, z.length))]),
  ]
}

/** Of a value of an axis among `count` evenly spread points. */
function gridIndex(axis: Float64Array, value: number, count: number): number | undefined {
  const index = indexIn(axis, value)
  return index === undefined ? undefined : (index * (count - 1)) / (axis.length - 1)
}

/** Where θ is on the grid, where it is on the plane at all. */
function atTheta(surface: DrawnBasin['surface'], z: readonly (readonly number[])[]) {
  const [column, row] = [gridIndex(surface.x, 0, z[0].length), gridIndex(surface.y, 0, z.length)]
  return column === undefined || row === undefined ? undefined : { column, row }
}

type OnGrid = { column: number; row: number }

function ballPlace(view: View, shares: readonly number[][], up: (share: number) => number, at: OnGrid) {
  const [rows, columns] = [shares.length - 1, shares[0].length - 1]
  const lift = (0.9 * BALL) / view.unit
  return view.at(
    (2 * at.column) / columns - 1,
    (2 * at.row) / rows - 1,
    up(bilinear(shares, at.column, at.row)) + lift,
  )
}

/** Lines of equal loss on the floor. */
function drawFloor(
  pen: Pen,
  view: View,
  shares: readonly (readonly number[])[],
  levels: readonly number[],
): void {
  const [rows, columns] = [shares.length - 1, shares[0].length - 1]
  for (const level of levels) {
    const lines = contours(shares, [level]).map(({ from, to }) => [
      ...view.at((2 * from[0]) / columns - 1, (2 * from[1]) / rows - 1, 0),
      ...view.at((2 * to[0]) / columns - 1, (2 * to[1]) / rows - 1, 0),
    ])
    pen.lines(lines, { color: css(viridis(level)), width: 1.1 })
  }
}

/** @returns whether the ball is behind the surface */
function paint(
  pen: Pen,
  view: View,
  shares: readonly number[][],
  up: (share: number) => number,
  draped: readonly Draped[],
  ball: OnGrid | undefined,
): boolean {
  const [rows, columns] = [shares.length - 1, shares[0].length - 1]
  const onPaper = (column: number, row: number, share: number) =>
    view.at((2 * column) / columns - 1, (2 * row) / rows - 1, up(share))
  const points = shares.map((line, i) => line.map((share, j) => onPaper(j, i, share)))
  const pieces = byCell(draped, rows, columns)
  let hidden = false
  const ballOnPaper = ball && ballPlace(view, shares, up, ball)
  let ballIn = ball && touching(ball, rows, columns)
  for (const i of paintOrder(rows, view.eye[1])) {
    for (const j of paintOrder(columns, view.eye[0])) {
      const corners = [points[i][j], points[i][j + 1], points[i + 1][j + 1], points[i + 1][j]]
      const share = (shares[i][j] + shares[i][j + 1] + shares[i + 1][j + 1] + shares[i + 1][j]) / 4
      const slopes: [number, number] = [
        ((up(shares[i][j + 1]) + up(shares[i + 1][j + 1]) - up(shares[i][j]) - up(shares[i + 1][j])) *
          columns) /
          4,
        ((up(shares[i + 1][j]) + up(shares[i + 1][j + 1]) - up(shares[i][j]) - up(shares[i][j + 1])) * rows) /
          4,
      ]
      pen.polygon(corners.flat(), css(lit(viridis(share), slopes, view, corners)), true)
      for (const { segment, line } of pieces.get(i * columns + j) ?? []) {
        const [from, to] = [segment.from, segment.to].map(([column, row]) =>
          onPaper(column, row, bilinear(shares, column, row)),
        )
        const ends = overlapping(from, to)
        if (line.casing) pen.line(ends, { color: line.casing, width: line.width + 2, blunt: true })
        pen.line(ends, { color: line.color, width: line.width, blunt: true })
      }
      ballIn = ballIn?.filter((cell) => cell !== i * columns + j)
      if (!ballOnPaper) continue
      if (!ballIn) hidden ||= covers(corners, ballOnPaper)
      else if (ballIn.length === 0) {
        pen.ball(...ballOnPaper, BALL, '#e5383b')
        ballIn = undefined
      }
    }
  }
  return hidden
}

/** A little longer, so that pieces that meet leave no gap where the next cell is painted. */
function overlapping([ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]): number[] {
  const length = Math.hypot(bx - ax, by - ay) || 1
  const [dx, dy] = [(0.6 * (bx - ax)) / length, (0.6 * (by - ay)) / length]
  return [ax - dx, ay - dy, bx + dx, by + dy]
}

/** By the sides that a ray to the right crosses. */
function covers(corners: readonly [number, number][], [x, y]: readonly [number, number]): boolean {
  let inside = false
  corners.forEach(([ax, ay], k) => {
    const [bx, by] = corners[(k + 1) % corners.length]
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside
  })
  return inside
}

/** The cells around a point of the grid: it is painted when they are. */
function touching({ column, row }: OnGrid, rows: number, columns: number): number[] {
  const near = (at: number, most: number) =>
    [...new Set([Math.ceil(at) - 1, Math.floor(at)])].filter((k) => k >= 0 && k < most)
  return near(row, rows).flatMap((i) => near(column, columns).map((j) => i * columns + j))
}

type Rgb = readonly [number, number, number]

/** Lit from the viewer's upper left; the underside is darker. Little, since colours are values. */
function lit(
  rgb: Rgb,
  [sx, sy]: [number, number],
  { camera }: View,
  corners: readonly [number, number][],
): Rgb {
  const angle = camera.azimuth - 0.9
  const slope = Math.cos(angle) * sx + Math.sin(angle) * sy
  const facing = (0.75 - 0.6 * slope) / Math.sqrt(1 + sx * sx + sy * sy)
  const light = (isUnderside(corners) ? 0.72 : 0.86) + 0.2 * Math.min(Math.max(facing, -0.4), 1)
  return rgb.map((value) => Math.min(255, Math.round(value * light))) as unknown as Rgb
}

/** Corners that go around the other way than they do from above. */
function isUnderside(corners: readonly [number, number][]): boolean {
  let area = 0
  corners.forEach(([x, y], k) => {
    const [nextX, nextY] = corners[(k + 1) % corners.length]
    area += x * nextY - nextX * y
  })
  return area > 0
}

const css = (rgb: Rgb) => `rgb(${rgb.join(' ')})`
