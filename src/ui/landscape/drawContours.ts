/** Paints the surfaces from above: colours by loss, lines of equal loss, one scale, on any canvas. */
import { formatNumber, formatSetting } from '../format'
import type { Colors } from './colors'
import { contourLevels, contourLines } from './contourLines'
import { type Surface, sharedRange } from './displaySurface'
import { lossTicks } from './lossTicks'
import type { DrawnSurface } from './surfacePlot'
import { viridis } from './viridis'

const LEVELS = 9
const HEAD = 26
const FOOT = 22
const LEFT = 36
const BAR = 64

/** A map is not smaller than this because another one stands beside it. */
const LEAST_SIDE = 200

interface ContourLayout {
  /** Of one map, in CSS pixels. */
  side: number
  columns: number
  height: number
}

/** For a picture of this width; on a phone the maps stand one above the other. */
export function contourLayout(width: number, count: number): ContourLayout {
  const most = Math.max(1, Math.floor((width - BAR) / (LEAST_SIDE + LEFT + 8)))
  const rows = Math.max(1, Math.ceil(count / most))
  const columns = Math.max(1, Math.ceil(count / rows))
  const side = Math.min(360, Math.floor((width - BAR) / columns - LEFT - 8))
  return { side, columns, height: rows * (side + HEAD + FOOT) }
}

export function drawContours(
  context: CanvasRenderingContext2D,
  width: number,
  drawn: readonly DrawnSurface[],
  log: boolean,
  colors: Colors,
): void {
  const range = sharedRange(drawn.map(({ surface }) => surface))
  const { side, columns, height } = contourLayout(width, drawn.length)
  const share = scaleOf(range, log)
  context.fillStyle = colors.surface
  context.fillRect(0, 0, width, height)
  const cellWidth = (width - BAR) / columns
  drawn.forEach(({ run, surface }, k) => {
    const left = (k % columns) * cellWidth + (cellWidth - side + LEFT) / 2
    const top = Math.floor(k / columns) * (side + HEAD + FOOT) + HEAD
    context.font = `600 14px ${colors.font}`
    context.textAlign = 'center'
    context.fillStyle = colors.resolve(run.textColor)
    const lowest = formatNumber(sharedRange([surface])[0])
    context.fillText(`${run.label} · lowest ${lowest}`, left + side / 2, top - 10)
    const place = { left, top, side }
    drawMap(context, surface, place, (loss) => viridis(share(loss)))
    drawLines(context, surface, place, contourLevels(range, LEVELS, log), 'rgba(255, 255, 255, 0.75)')
    drawAxes(context, surface, left, top, side, colors)
  })
  drawColorBar(context, width - BAR + 16, HEAD, side, range, log, colors)
}

/** The share of a loss in a range, from 0 to 1. */
export function scaleOf([low, high]: [number, number], log: boolean): (loss: number) => number {
  const at = log ? (value: number) => Math.log(Math.max(value, 1e-6)) : (value: number) => value
  const [a, b] = [at(low), at(high)]
  return (loss) => (b > a ? (at(loss) - a) / (b - a) : 0)
}

/** A square of the canvas, in CSS pixels. */
interface Square {
  left: number
  top: number
  side: number
}

/** Row 0 of the grid is the smallest y: it stands at the bottom. @param colorOf [r, g, b] of a loss */
export function drawMap(
  context: CanvasRenderingContext2D,
  { z }: Pick<Surface, 'z'>,
  { left, top, side }: Square,
  colorOf: (loss: number) => readonly [number, number, number],
): void {
  const rows = z.length
  const columns = z[0].length
  const image = new ImageData(columns, rows)
  z.forEach((row, i) => {
    row.forEach((loss, j) => {
      image.data.set([...colorOf(loss), 255], 4 * ((rows - 1 - i) * columns + j))
    })
  })
  const small = new OffscreenCanvas(columns, rows)
  small.getContext('2d')!.putImageData(image, 0, 0)
  context.imageSmoothingEnabled = true
  // Points stand on the corners: half a pixel of the small picture is cut off on every side.
  context.drawImage(small, 0.5, 0.5, columns - 1, rows - 1, left, top, side, side)
}

export function drawLines(
  context: CanvasRenderingContext2D,
  { z }: Pick<Surface, 'z'>,
  { left, top, side }: Square,
  levels: readonly number[],
  stroke: string,
): void {
  const x = (column: number) => left + (column / (z[0].length - 1)) * side
  const y = (row: number) => top + side - (row / (z.length - 1)) * side
  context.strokeStyle = stroke
  context.lineWidth = 1
  context.beginPath()
  for (const level of levels)
    for (const { from, to } of contourLines(z, level)) {
      context.moveTo(x(from[0]), y(from[1]))
      context.lineTo(x(to[0]), y(to[1]))
    }
  context.stroke()
}

function drawAxes(
  context: CanvasRenderingContext2D,
  { x, y }: Surface,
  left: number,
  top: number,
  side: number,
  colors: Colors,
): void {
  context.font = `12px ${colors.font}`
  context.fillStyle = colors.text
  for (const share of [0, 0.5, 1]) {
    const at = (axis: Float64Array) => formatSetting(axis[0] + share * (axis[axis.length - 1] - axis[0]))
    context.textAlign = 'center'
    context.fillText(at(x), left + share * side, top + side + 16)
    context.textAlign = 'right'
    context.fillText(at(y), left - 6, top + side - share * side + 4)
  }
}

function drawColorBar(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  height: number,
  range: [number, number],
  log: boolean,
  colors: Colors,
): void {
  for (let k = 0; k < height; k++) {
    context.fillStyle = `rgb(${viridis(1 - k / height).join(',')})`
    context.fillRect(left, top + k, 10, 1.5)
  }
  context.font = `12px ${colors.font}`
  context.fillStyle = colors.text
  context.textAlign = 'left'
  context.fillText('loss', left - 2, top - 10)
  const share = scaleOf(range, log)
  for (const level of lossTicks(range, log))
    context.fillText(formatSetting(level), left + 14, top + height - share(level) * height + 4)
}
