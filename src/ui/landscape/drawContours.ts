/** Surfaces from above: colours by loss, lines of equal loss, θ, the ring of the width's level, the place pointed at. */
import { ticksWithin } from '../charts/axisTicks'
import { formatSetting } from '../format'
import type { DrawnBasin, PlanePoint } from './basin'
import type { Colors } from './colors'
import { contourLines } from './contourLines'
import type { Surface } from './displaySurface'
import type { LossScale } from './lossScale'
import { fitting, type Pen, type Square } from './scene/pen'
import { viridis } from './viridis'

export interface MapLook {
  scale: LossScale
  levels: readonly number[]
  colors: Colors
  pointed?: PlanePoint
}

/** What is kept free around a map for its numbers and names. */
export const MAP_MARGIN = { left: 64, bottom: 42 }

const SIZE = 11.5

export function drawContourMap(pen: Pen, square: Square, basin: DrawnBasin, look: MapLook): void {
  const { surface, level, titles, marks } = basin
  const { scale, levels, colors, pointed } = look
  const base = scale.baseOf(surface)
  const losses = levels.map((value) => value + base)
  drawMap(pen, surface, square, (loss) => viridis(scale.share(loss - base)))
  drawLines(pen, surface, square, losses, { color: '#fff', opacity: 0.7 })
  if (level !== undefined) {
    drawLines(pen, surface, square, [level], { color: '#fff', width: 3.6 })
    drawLines(pen, surface, square, [level], { color: '#111', width: 1.6 })
  }
  const { left, top, side } = square
  const at = (axis: Float64Array, value: number) => (value - axis[0]) / (axis[axis.length - 1] - axis[0])
  if (pointed) {
    const [x, y] = [left + at(surface.x, pointed.x) * side, top + side - at(surface.y, pointed.y) * side]
    const cross = [
      [x, top, x, top + side],
      [left, y, left + side, y],
    ]
    pen.lines(cross, { color: '#fff', width: 3, opacity: 0.6 })
    pen.lines(cross, { color: colors.resolve('var(--basin-cut)'), width: 1.6 })
  }
  for (const { name, ...mark } of marks) {
    const [across, up] = [at(surface.x, mark.x), at(surface.y, mark.y)]
    if (!(across >= 0 && across <= 1 && up >= 0 && up <= 1)) continue
    drawMark(pen, left + across * side, top + side - up * side, name)
  }
  const theta = [at(surface.x, 0), at(surface.y, 0)]
  if (theta.every((share) => share >= 0 && share <= 1)) {
    pen.ball(left + theta[0] * side, top + side - theta[1] * side, 5, '#e5383b')
  }
  drawAxes(pen, surface, square, colors, titles)
}

/** A point of weight space, with its name. */
export function drawMark(pen: Pen, x: number, y: number, name: string): void {
  pen.circle(x, y, 3.6, '#fff', { color: '#111', width: 1.4 })
  pen.text(name, x + 8, y - 8, { size: 11.5, color: '#111', halo: 'rgb(255 255 255 / 0.85)' })
}

/** Row 0 of the grid is the smallest y: it stands at the bottom. @param colorOf [r, g, b] of a loss */
export function drawMap(
  pen: Pen,
  { z }: Pick<Surface, 'z'>,
  square: Square,
  colorOf: (loss: number) => readonly [number, number, number],
): void {
  const rows = z.length
  const columns = z[0].length
  const rgba = new Uint8ClampedArray(4 * rows * columns)
  z.forEach((row, i) => {
    row.forEach((loss, j) => {
      rgba.set([...colorOf(loss), 255], 4 * ((rows - 1 - i) * columns + j))
    })
  })
  pen.pixels({ columns, rows, rgba }, square)
}

export function drawLines(
  pen: Pen,
  { z }: Pick<Surface, 'z'>,
  { left, top, side }: Square,
  levels: readonly number[],
  { color, width = 1, opacity = 1 }: { color: string; width?: number; opacity?: number },
): void {
  const x = (column: number) => left + (column / (z[0].length - 1)) * side
  const y = (row: number) => top + side - (row / (z.length - 1)) * side
  const lines = levels.flatMap((level) =>
    contourLines(z, level).map(({ from, to }) => [x(from[0]), y(from[1]), x(to[0]), y(to[1])]),
  )
  pen.lines(lines, { color, width, opacity })
}

/** Round values of an axis, with where they are on it. */
function ticksOf(axis: Float64Array): { share: number; text: string }[] {
  const [low, high] = [axis[0], axis[axis.length - 1]]
  return ticksWithin(low, high).map((tick) => ({
    share: (tick - low) / (high - low),
    text: formatSetting(tick),
  }))
}

function drawAxes(
  pen: Pen,
  { x, y }: Surface,
  { left, top, side }: Square,
  colors: Colors,
  titles: DrawnBasin['titles'],
): void {
  const look = { size: SIZE, color: colors.text }
  const name = { size: SIZE, color: colors.ink, align: 'middle' } as const
  for (const { share, text } of ticksOf(x)) {
    pen.text(text, left + share * side, top + side + 13, { ...look, align: 'middle' })
  }
  for (const { share, text } of ticksOf(y)) {
    pen.text(text, left - 7, top + side - share * side, { ...look, align: 'end' })
  }
  pen.text(fitting(pen, titles.x, side, SIZE), left + side / 2, top + side + 31, name)
  pen.text(fitting(pen, titles.y, side, SIZE), left - MAP_MARGIN.left + 12, top + side / 2, {
    ...name,
    turn: -Math.PI / 2,
  })
}
