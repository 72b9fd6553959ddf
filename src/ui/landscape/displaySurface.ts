/**
 * A surface while it is being computed, ready to draw: points come coarse to fine, so the finest complete sub-grid is
 * taken and the values between are interpolated from it; points computed beyond it stand as they are.
 */
import type { ValuesOf } from '../../worker/protocol'

/** While points arrive the whole is not drawn for each message. */
export const REDRAW_MS = 500

type SurfaceValues = Pick<ValuesOf<'surface'>, 'x' | 'y' | 'loss'>

export interface Surface {
  x: Float64Array
  y: Float64Array
  /** z[i][j] at y[i], x[j] */
  z: number[][]
}

/** The surface to draw, or undefined before the coarsest grid stands. */
export function displaySurface(slice: SurfaceValues): Surface | undefined {
  const { x, y, loss } = slice
  const at = (i: number, j: number) => loss[i * x.length + j]
  const longest = Math.max(x.length, y.length) - 1
  for (let stride = 1; stride <= longest; stride++) {
    const rows = everyNth(y.length, stride)
    const columns = everyNth(x.length, stride)
    if (!rows.every((i) => columns.every((j) => Number.isFinite(at(i, j))))) continue
    const [down, across] = [cells(y, rows), cells(x, columns)]
    const z = down.map((row, i) =>
      across.map((column, j) => (Number.isFinite(at(i, j)) ? at(i, j) : interpolate(at, row, column))),
    )
    return { x, y, z }
  }
  return undefined
}

/** 0, n, 2n, … and always the last index. */
function everyNth(length: number, n: number): number[] {
  const indices: number[] = []
  for (let i = 0; i < length - 1; i += n) indices.push(i)
  indices.push(length - 1)
  return indices
}

function interpolate(at: (i: number, j: number) => number, [i0, i1, v]: Cell, [j0, j1, u]: Cell): number {
  const low = at(i0, j0) * (1 - u) + at(i0, j1) * u
  const high = at(i1, j0) * (1 - u) + at(i1, j1) * u
  return low * (1 - v) + high * v
}

type Cell = [before: number, after: number, share: number]

/** Of every place of an axis its two neighbours among the kept ones, and how far it is between them. */
function cells(axis: Float64Array, kept: readonly number[]): Cell[] {
  let k = 0
  return Array.from(axis, (value) => {
    while (k < kept.length - 2 && axis[kept[k + 1]] < value) k++
    const [a, b] = [kept[k], kept[k + 1]]
    return [a, b, (value - axis[a]) / (axis[b] - axis[a])]
  })
}

/** Smallest and largest loss of all surfaces: the one scale both share. */
export function sharedRange(surfaces: readonly Surface[]): [number, number] {
  let low = Infinity
  let high = -Infinity
  for (const { z } of surfaces)
    for (const row of z)
      for (const value of row) {
        if (value < low) low = value
        if (value > high) high = value
      }
  return [low, high]
}
