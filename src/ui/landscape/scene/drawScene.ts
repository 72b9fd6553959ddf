/** One surface in its box: floor with lines of equal loss, walls with ticks, the surface with what lies on it, a ball at θ. */
import { type DrawnBasin, indexIn, type PlanePoint } from '../basin'
import type { Colors } from '../colors'
import { drawMark } from '../drawContours'
import { viridis } from '../viridis'
import type { Place, View } from './camera'
import { viewOf } from './camera'
import { drawBack, drawFront } from './drawBox'
import { css, type Draped, drape, drawCells, onPaper, type Standing } from './drawSurface'
import { acrossCells, contours, isSeen, type OnGrid, regridded } from './heightField'
import { boxHeightOf, FLOOR, type SceneLook } from './look'
import type { Pen } from './pen'

/** Its radius on paper. */
const BALL = 6

export function drawScene(pen: Pen, place: Place, basin: DrawnBasin, look: SceneLook): void {
  const { scale, levels, camera, exaggeration, colors, pointed, most } = look
  const { surface, level } = basin
  const boxHeight = boxHeightOf(exaggeration)
  const view = viewOf(camera, boxHeight, place)
  const base = scale.baseOf(surface)
  const z = regridded(surface.z, most).map((row) => row.map((loss) => loss - base))
  const shares = z.map((row) => row.map(scale.share))
  const heights = shares.map((row) => row.map((share) => FLOOR + share * (boxHeight - FLOOR)))
  const standing: Standing = { view, shares, heights }
  drawBack(pen, view, boxHeight, look)
  drawFloor(pen, view, shares, levels.map(scale.share))
  drawCells(pen, standing)
  const lines: Draped[] = [{ segments: contours(z, levels), color: 'rgb(255 255 255 / 0.6)', width: 0.9 }]
  if (level !== undefined) {
    lines.push({ segments: contours(z, [level - base]), color: '#111', width: 1.7, casing: '#fff' })
  }
  if (pointed) lines.push(cut(pointed, surface, z, colors))
  drape(pen, standing, lines)
  const theta = onGrid(surface, z, { x: 0, y: 0 })
  if (theta) drawBall(pen, standing, theta)
  drawFront(pen, view, boxHeight, look, basin)
  for (const { name, ...mark } of basin.marks) {
    const at = onGrid(surface, z, mark)
    if (at) drawMark(pen, ...onPaper(standing, at), name)
  }
}

/** On the surface; where it is hidden, its outline is seen through it. */
function drawBall(pen: Pen, standing: Standing, at: OnGrid): void {
  const lift = (0.9 * BALL) / standing.view.unit
  const [left, top] = onPaper(standing, at, lift)
  if (isSeen(standing.heights, at, lift, standing.view.eye)) pen.ball(left, top, BALL, '#e5383b')
  else pen.circle(left, top, BALL, undefined, { color: 'rgb(255 255 255 / 0.9)', width: 1.2, dash: [2, 2] })
}

type Field = readonly (readonly number[])[]

function cut(point: PlanePoint, surface: DrawnBasin['surface'], z: Field, colors: Colors): Draped {
  const at = onGrid(surface, z, point)
  const segments = at
    ? [...acrossCells('row', at.row, z[0].length), ...acrossCells('column', at.column, z.length)]
    : []
  return { segments, color: colors.resolve('var(--basin-cut)'), width: 1.5, casing: '#fff' }
}

/** A place of the plane on the grid that is drawn; undefined beyond it. */
function onGrid(surface: DrawnBasin['surface'], z: Field, { x, y }: PlanePoint): OnGrid | undefined {
  const column = gridIndex(surface.x, x, z[0].length)
  const row = gridIndex(surface.y, y, z.length)
  return column === undefined || row === undefined ? undefined : { column, row }
}

/** Of a value of an axis among `count` evenly spread points. */
function gridIndex(axis: Float64Array, value: number, count: number): number | undefined {
  const index = indexIn(axis, value)
  return index === undefined ? undefined : (index * (count - 1)) / (axis.length - 1)
}

/** Lines of equal loss on the floor. */
function drawFloor(pen: Pen, view: View, shares: Field, levels: readonly number[]): void {
  const [rows, columns] = [shares.length - 1, shares[0].length - 1]
  const floor = ([column, row]: readonly [number, number]) =>
    view.at((2 * column) / columns - 1, (2 * row) / rows - 1, 0)
  for (const level of levels) {
    const lines = contours(shares, [level]).map(({ from, to }) => [...floor(from), ...floor(to)])
    pen.lines(lines, { color: css(viridis(level)), width: 1.1 })
  }
}
