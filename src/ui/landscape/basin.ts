/** A run's surface as it is drawn, and what is read of it at a place. */
import type { FindingOf, ValuesOf } from '../../worker/protocol'
import { formatNumber } from '../format'
import type { ShownRun } from '../runs/shownRuns'
import { displaySurface, type Surface } from './displaySurface'

export interface DrawnBasin {
  run: ShownRun
  surface: Surface
  /** [0, 1], NaN where it was not measured; as `surface.z`. */
  error: number[][]
  /** The loss at which a basin's width is taken, where it is known. */
  level?: number
  /** What the axes are, the longest words first. */
  titles: { x: readonly string[]; y: readonly string[] }
  /** Of the angle between the axes. */
  cosine?: number
  /** The directions are random draws. */
  random: boolean
  /** Other points of weight space, where they are seen from above. */
  marks: readonly Mark[]
}

export interface Mark extends PlanePoint {
  name: string
  /** How far it lies outside the plane. */
  outside: number
}

type SurfaceValues = ValuesOf<'surface'>

/** A place of the plane, in the units of its axes. */
export interface PlanePoint {
  x: number
  y: number
}

export function drawnBasins(
  runs: readonly ShownRun[],
  findings: Record<string, FindingOf<'surface'>> | undefined,
): DrawnBasin[] {
  return runs.flatMap((run) => {
    const values: SurfaceValues | undefined = findings?.[run.key]?.values
    const surface = values && displaySurface(values)
    if (!surface) return []
    const columns = surface.x.length
    const error = Array.from(surface.y, (_, i) =>
      Array.from(values.error.subarray(i * columns, (i + 1) * columns)),
    )
    const { level, cosine, direction_title } = values
    const random = direction_title?.every((title) => title.startsWith('random')) ?? true
    const told = { level, cosine, random, titles: titlesOf(values), marks: marksOf(values) }
    return [{ run, surface, error, ...told }]
  })
}

/** As the measure says it, with how long a 1 on the axis is. */
function titlesOf({ direction_title, direction_length }: SurfaceValues): DrawnBasin['titles'] {
  const title = (name: string, k: number) => {
    const words = direction_title?.[k]
    if (!words) return [`${name}, along d${'₁₂'[k]}`]
    const short = [`${name}: ${words}`, `${name}: ${words.split(', ')[0]}`]
    const length = direction_length?.[k]
    return length === undefined ? short : [`${short[0]} (‖d‖ = ${formatNumber(length)})`, ...short]
  }
  return { x: title('x', 0), y: title('y', 1) }
}

function marksOf({ mark, mark_x, mark_y, mark_outside }: SurfaceValues): Mark[] {
  return (mark ?? []).map((name, k) => ({
    name: markText(name, mark_outside?.[k] ?? 0),
    x: mark_x?.[k] ?? Number.NaN,
    y: mark_y?.[k] ?? Number.NaN,
    outside: mark_outside?.[k] ?? 0,
  }))
}

/** A projection says how far it is from its point; what lies between the ends of a way is a dot without a name. */
function markText(name: string, outside: number): string {
  const [, step] = /, step (\d+)$/.exec(name) ?? []
  if (step !== undefined && step !== '0') return ''
  return outside > 1e-3 ? `${name}, ${formatNumber(outside)} outside` : name
}

/** Between the points, linear along both axes; undefined outside the plane. */
export function valueAt(
  { x, y }: Pick<Surface, 'x' | 'y'>,
  z: readonly (readonly number[])[],
  point: PlanePoint,
): number | undefined {
  const [column, row] = [indexIn(x, point.x), indexIn(y, point.y)]
  if (column === undefined || row === undefined) return undefined
  return bilinear(z, column, row)
}

/** @param column @param row with fractions */
export function bilinear(z: readonly (readonly number[])[], column: number, row: number): number {
  const [i, j] = [Math.min(Math.floor(row), z.length - 2), Math.min(Math.floor(column), z[0].length - 2)]
  const [v, u] = [row - i, column - j]
  return (z[i][j] * (1 - u) + z[i][j + 1] * u) * (1 - v) + (z[i + 1][j] * (1 - u) + z[i + 1][j + 1] * u) * v
}

/** Which index of an ascending axis a value has, with its fraction; undefined beyond its ends. */
export function indexIn(axis: ArrayLike<number>, value: number): number | undefined {
  const last = axis.length - 1
  // What comes from a pointer may miss an end by a rounding.
  const slack = 1e-9 * (axis[last] - axis[0])
  if (!(value >= axis[0] - slack && value <= axis[last] + slack)) return undefined
  let k = 0
  while (k < last - 1 && axis[k + 1] <= value) k++
  return Math.min(Math.max(k + (value - axis[k]) / (axis[k + 1] - axis[k]), 0), last)
}
