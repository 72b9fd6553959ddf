/** The box around a surface: floor, the two walls behind it, ticks and names along its edges. */
import { formatSetting } from '../../format'
import type { DrawnBasin } from '../basin'
import { CORNERS, type View } from './camera'
import { FLOOR, type SceneLook } from './look'
import { fitting, type Pen } from './pen'

const SIZE = 11.5
/** From an edge to its numbers, and on to its name. */
const TO_TICKS = 11
const TO_NAME = 29

/** What the surface stands before. */
export function drawBack(pen: Pen, view: View, boxHeight: number, look: SceneLook): void {
  const { colors, scale } = look
  const line = { color: colors.line, width: 1 }
  const floor = CORNERS.flatMap(([x, y]) => view.at(x, y, 0))
  pen.polygon(floor, colors.resolve('var(--basin-floor)'))
  pen.line([...floor, ...floor.slice(0, 2)], line)
  const [bx, by] = behind(view)
  const grid: number[][] = []
  for (const { value } of scale.ticks) {
    const z = FLOOR + scale.share(value) * (boxHeight - FLOOR)
    if (z > boxHeight + 1e-6 || z < FLOOR - 1e-6) continue
    grid.push([...view.at(-bx, by, z), ...view.at(bx, by, z), ...view.at(bx, -by, z)])
  }
  for (const [x, y] of [
    [bx, by],
    [-bx, by],
    [bx, -by],
  ]) {
    grid.push([...view.at(x, y, 0), ...view.at(x, y, boxHeight)])
  }
  for (const share of [0.25, 0.5, 0.75]) {
    const at = 2 * share - 1
    grid.push([...view.at(at, -1, 0), ...view.at(at, 1, 0)], [...view.at(-1, at, 0), ...view.at(1, at, 0)])
  }
  pen.lines(grid, { ...line, opacity: 0.7 })
}

/** Sides of the walls behind: away from the viewer. */
const behind = ({ eye }: View): [number, number] => [eye[0] > 0 ? -1 : 1, eye[1] > 0 ? -1 : 1]

/** Numbers and names. */
export function drawFront(
  pen: Pen,
  view: View,
  boxHeight: number,
  look: SceneLook,
  { surface, titles }: DrawnBasin,
): void {
  const [bx, by] = behind(view)
  edgeLabels(pen, view, look, surface.x, titles.x, (at) => [at, -by], [0, -by])
  edgeLabels(pen, view, look, surface.y, titles.y, (at) => [-bx, at], [-bx, 0])
  heightLabels(pen, view, boxHeight, look)
}

function edgeLabels(
  pen: Pen,
  view: View,
  { colors }: SceneLook,
  axis: Float64Array,
  names: readonly string[],
  edge: (at: number) => [number, number],
  outwards: [number, number],
): void {
  const middle = view.at(...edge(0), 0)
  const out = view.at(edge(0)[0] + 0.2 * outwards[0], edge(0)[1] + 0.2 * outwards[1], 0)
  const length = Math.hypot(out[0] - middle[0], out[1] - middle[1]) || 1
  const [nx, ny] = [(out[0] - middle[0]) / length, (out[1] - middle[1]) / length]
  for (const share of [0, 0.5, 1]) {
    const [left, top] = view.at(...edge(2 * share - 1), 0)
    const value = axis[0] + share * (axis[axis.length - 1] - axis[0])
    pen.line([left, top, left + 4 * nx, top + 4 * ny], { color: colors.text, width: 1 })
    const align = nx > 0.35 ? 'start' : nx < -0.35 ? 'end' : 'middle'
    const aside = align === 'middle' ? TO_TICKS : 7
    pen.text(formatSetting(value), left + aside * nx, top + Math.max(TO_TICKS * ny, 3), {
      size: SIZE,
      color: colors.text,
      align,
    })
  }
  const [a, b] = [view.at(...edge(-1), 0), view.at(...edge(1), 0)]
  const [from, to] = a[0] < b[0] ? [a, b] : [b, a]
  const turn = Math.atan2(to[1] - from[1], to[0] - from[0])
  // Away from the edge at a right angle to the words, beyond the numbers.
  const [dx, dy] = [-Math.sin(turn), Math.cos(turn)]
  const room = Math.max(Math.hypot(to[0] - from[0], to[1] - from[1]) + 30, 60)
  pen.text(fitting(pen, names, room, SIZE), middle[0] + TO_NAME * dx, middle[1] + TO_NAME * dy, {
    size: SIZE,
    color: colors.ink,
    align: 'middle',
    turn,
  })
}

/** At the corner that stands furthest to the left. */
function heightLabels(pen: Pen, view: View, boxHeight: number, { colors, scale }: SceneLook): void {
  const [x, y] = [...CORNERS].sort(([ax, ay], [bx, by]) => view.at(ax, ay, 0)[0] - view.at(bx, by, 0)[0])[0]
  let widest = 0
  let before = Number.POSITIVE_INFINITY
  for (const { value, text } of scale.ticks) {
    const z = FLOOR + scale.share(value) * (boxHeight - FLOOR)
    const [left, top] = view.at(x, y, z)
    // From above they would stand on one another.
    if (z > boxHeight + 1e-6 || before - top < SIZE) continue
    before = top
    pen.line([left, top, left - 4, top], { color: colors.text, width: 1 })
    pen.text(text, left - 7, top, { size: SIZE, color: colors.text, align: 'end' })
    widest = Math.max(widest, pen.widthOf(text, SIZE))
  }
  const [left, top] = view.at(x, y, (FLOOR + boxHeight) / 2)
  pen.text(scale.title, left - 7 - widest - 12, top, {
    size: SIZE,
    color: colors.ink,
    align: 'middle',
    turn: -Math.PI / 2,
  })
}
