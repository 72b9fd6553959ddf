/** Surfaces as bodies: for ParaView with what was measured, for a 3-D printer on a scale that several share. */
import { encodeStl } from '../formats/stl'
import { encodeVtp } from '../formats/vtp'
import type { Heights } from './heights'

export interface Grid {
  x: Float64Array
  y: Float64Array
  /** Row-major: value (i, j) at y[i], x[j]. */
  loss: Float64Array
  error: Float64Array
}

/** Of a print, in millimetres: its sides, from the lowest to the highest of all, and below the lowest. */
const SIDE = 100
const RELIEF = 42
const BASE = 3

/** x, y in the units of the plane; z is the loss. */
export function vtpOf({ x, y, loss, error }: Grid): Uint8Array {
  const columns = x.length
  const points = new Float64Array(3 * loss.length)
  loss.forEach((value, k) => {
    points.set([x[k % columns], y[Math.floor(k / columns)], value], 3 * k)
  })
  const quads: number[] = []
  for (let i = 0; i + 1 < y.length; i++)
    for (let j = 0; j + 1 < columns; j++) {
      const at = i * columns + j
      quads.push(at, at + 1, at + columns + 1, at + columns)
    }
  const data = new Map([
    ['loss', loss],
    ['training_error', error],
  ])
  return new TextEncoder().encode(encodeVtp({ points, quads: Uint32Array.from(quads), data }))
}

/**
 * @param stretch times the usual height
 * @throws RangeError where a loss is not known
 */
export function stlOf(
  grid: Pick<Grid, 'x' | 'y' | 'loss'>,
  heights: Heights,
  stretch: number,
  name: string,
): Uint8Array {
  const { x, y, loss } = grid
  const base = heights.baseOf(loss.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY))
  const side = (axis: Float64Array) =>
    axis.map((value) => ((value - axis[0]) / (axis[axis.length - 1] - axis[0])) * SIDE)
  const z = Array.from(y, (_, i) =>
    Array.from(x, (_, j) => BASE + RELIEF * stretch * heights.share(loss[i * x.length + j] - base)),
  )
  return encodeStl({ x: side(x), y: side(y), z }, name)
}
