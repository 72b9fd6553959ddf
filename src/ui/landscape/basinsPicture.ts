/** All surfaces as one picture: each under its name, one scale for all, on a canvas of any width or as SVG. */
import { formatNumber } from '../format'
import type { DrawnBasin, PlanePoint } from './basin'
import type { Colors } from './colors'
import { sharedRange } from './displaySurface'
import { drawContourMap, MAP_MARGIN } from './drawContours'
import { drawScale } from './drawScale'
import { evenLevels, lossScale, type ScaleChoice } from './lossScale'
import type { Camera, Place } from './scene/camera'
import { drawScene } from './scene/drawScene'
import { fitted, type Pen, type Square } from './scene/pen'
import { pickOnScene } from './scene/pick'

export interface BasinsChoice extends ScaleChoice {
  view: 'surface' | 'contours'
  camera: Camera
  exaggeration: number
}

export interface BasinsLook {
  choice: BasinsChoice
  colors: Colors
  pointed?: PlanePoint
  /** Of a picture that stands by itself. */
  caption?: { title: string; subtitle: string }
  /** At most so many points a side of a surface. */
  most?: number
}

const LEVELS = 9
const NARROW = 560
const HEAD = 28
const CAPTION = 58
const LEGEND = 24
/** Of the scale beside the surfaces, or below them on a phone. */
const BAR = 66
const LOW_BAR = 44
/** A map is not smaller than this because another one stands beside it, nor larger than that. */
const LEAST_SIDE = 210
const MOST_SIDE = 460

export interface BasinsLayout {
  cells: Place[]
  bar: Place & { upright: boolean }
  width: number
  height: number
}

export function basinsLayout(
  width: number,
  count: number,
  view: BasinsChoice['view'],
  captioned = false,
): BasinsLayout {
  const narrow = width < NARROW
  const free = width - (narrow ? 0 : BAR)
  const most =
    view === 'surface'
      ? narrow
        ? count > 2
          ? 2
          : 1
        : count > 3
          ? Math.ceil(count / 2)
          : count
      : Math.max(1, Math.floor(free / (LEAST_SIDE + MAP_MARGIN.left)))
  const rows = Math.max(1, Math.ceil(count / most))
  const columns = Math.max(1, Math.ceil(count / rows))
  const cellWidth = free / columns
  const side = Math.min(MOST_SIDE, cellWidth - MAP_MARGIN.left - 10)
  const cellHeight =
    view === 'contours'
      ? HEAD + side + MAP_MARGIN.bottom + 6
      : narrow
        ? columns > 1
          ? HEAD + 50 + 0.95 * (cellWidth - 74)
          : HEAD + 50 + 0.8 * (cellWidth - 74)
        : Math.min(rows > 1 ? 430 : 540, 0.98 * cellWidth + 60)
  const top = captioned ? CAPTION : 0
  const cells = Array.from({ length: count }, (_, k) => ({
    left: (k % columns) * cellWidth,
    top: top + Math.floor(k / columns) * cellHeight,
    width: cellWidth,
    height: cellHeight,
  }))
  const bottom = top + rows * cellHeight
  const bar = narrow
    ? { left: 16, top: bottom + 6, width: width - 32, height: LOW_BAR, upright: false }
    : {
        left: free + 8,
        top: top + HEAD,
        width: BAR - 8,
        height: Math.min(cellHeight - 2 * HEAD, 420),
        upright: true,
      }
  return { cells, bar, width, height: bottom + (narrow ? LOW_BAR + 6 : 0) + LEGEND }
}

export function drawBasins(
  pen: Pen,
  layout: BasinsLayout,
  drawn: readonly DrawnBasin[],
  look: BasinsLook,
): void {
  const { choice, colors, caption } = look
  const scale = lossScale(
    drawn.map(({ surface }) => surface),
    choice,
  )
  const levels = evenLevels(scale, LEVELS)
  drawn.forEach((basin, k) => {
    const cell = layout.cells[k]
    heading(pen, cell, basin, colors)
    const own = { ...look, scale, levels }
    const { camera, exaggeration } = choice
    const most = look.most ?? Number.POSITIVE_INFINITY
    if (choice.view === 'contours') drawContourMap(pen, mapSquare(cell), basin, own)
    else drawScene(pen, scenePlace(cell), basin, { ...own, camera, exaggeration, most })
  })
  drawScale(pen, layout.bar, scale, colors)
  legend(pen, layout, drawn, colors)
  if (caption) {
    pen.text(caption.title, 16, 22, { size: 16, weight: 600, color: colors.ink })
    pen.text(caption.subtitle, 16, 43, { size: 12.5, color: colors.text })
  }
}

/** The place of the plane that is seen at a point of the picture. */
export function pickBasin(
  layout: BasinsLayout,
  drawn: readonly DrawnBasin[],
  { choice, most = Number.POSITIVE_INFINITY }: Pick<BasinsLook, 'choice' | 'most'>,
  left: number,
  top: number,
): PlanePoint | undefined {
  const k = layout.cells.findIndex(
    (cell) =>
      left >= cell.left && left < cell.left + cell.width && top >= cell.top && top < cell.top + cell.height,
  )
  const basin = drawn[k]
  if (!basin) return undefined
  if (choice.view === 'contours') return pickOnMap(mapSquare(layout.cells[k]), basin, left, top)
  const scale = lossScale(
    drawn.map(({ surface }) => surface),
    choice,
  )
  return pickOnScene(scenePlace(layout.cells[k]), basin, { ...choice, scale, most }, left, top)
}

function pickOnMap(
  square: Square,
  { surface: { x, y } }: DrawnBasin,
  left: number,
  top: number,
): PlanePoint | undefined {
  const [across, up] = [(left - square.left) / square.side, 1 - (top - square.top) / square.side]
  if (!(across >= 0 && across <= 1 && up >= 0 && up <= 1)) return undefined
  const at = (axis: Float64Array, share: number) => axis[0] + share * (axis[axis.length - 1] - axis[0])
  return { x: at(x, across), y: at(y, up) }
}

/** Where the map of a cell lies, seen from above. */
export function mapSquare({ left, top, width, height }: Place): Square {
  const side = height - HEAD - MAP_MARGIN.bottom - 6
  return { left: left + (width - side - MAP_MARGIN.left) / 2 + MAP_MARGIN.left, top: top + HEAD, side }
}

/** Numbers stand around the box: at its left, below it. */
const scenePlace = ({ left, top, width, height }: Place): Place => ({
  left: left + 56,
  top: top + HEAD + 4,
  width: width - 56 - 18,
  height: height - HEAD - 4 - 46,
})

function heading(pen: Pen, { left, top, width }: Place, { run, surface }: DrawnBasin, colors: Colors): void {
  const lowest = `lowest ${formatNumber(sharedRange([surface])[0])}`
  const room = width - 16
  const lowestWidth = pen.widthOf(`  ${lowest}`, 12.5)
  const label = fitted(pen, run.label, Math.max(room - lowestWidth, 40), 14, 600)
  const labelWidth = pen.widthOf(label, 14, 600)
  const begin = left + Math.max((width - labelWidth - lowestWidth) / 2, 4)
  pen.text(label, begin, top + 14, { size: 14, weight: 600, color: colors.resolve(run.textColor) })
  pen.text(lowest, begin + labelWidth + pen.widthOf('  ', 12.5), top + 14, { size: 12.5, color: colors.text })
}

/** What the ball and the ring are. */
function legend(
  pen: Pen,
  { width, height }: BasinsLayout,
  drawn: readonly DrawnBasin[],
  colors: Colors,
): void {
  const levels = [...new Set(drawn.flatMap(({ level }) => (level === undefined ? [] : [level])))]
  const top = height - LEGEND / 2
  const where = `where L = ${levels.map(formatNumber).join(', ')}`
  const ring = levels.length === 0 ? '' : width < NARROW ? where : `${where}, the level of the width`
  const size = 12
  const theta = 'θ, the weights'
  const whole = 16 + pen.widthOf(theta, size) + (ring ? 52 + pen.widthOf(ring, size) : 0)
  let left = Math.max((width - whole) / 2, 10)
  pen.ball(left + 5, top, 5, '#e5383b')
  pen.text(theta, left + 16, top, { size, color: colors.text })
  if (!ring) return
  left += 16 + pen.widthOf(theta, size) + 22
  pen.line([left, top, left + 24, top], { color: '#fff', width: 4 })
  pen.line([left, top, left + 24, top], { color: '#111', width: 1.6 })
  pen.text(ring, left + 32, top, { size, color: colors.text })
}
