/**
 * A loss known on the points of a plane, as a smooth function of it: cubic splines through the points (Catmull and Rom,
 * 1974), one axis after the other.
 */

export interface Plane {
  /** Ascending, evenly spaced. */
  x: ArrayLike<number>
  y: ArrayLike<number>
  /** z[i][j] at y[i], x[j] */
  z: readonly (readonly number[])[]
}

export interface FieldValue {
  value: number
  /** ∂/∂x, ∂/∂y */
  slope: [x: number, y: number]
}

/** The loss and its slope at a point; beyond the plane's edge those of the edge's spline. */
export function fieldAt({ x, y, z }: Plane, at: readonly [x: number, y: number]): FieldValue {
  const [j, u, width] = cellOf(x, at[0])
  const [i, v, height] = cellOf(y, at[1])
  // Along x in the four rows around, then along y.
  const rows = [-1, 0, 1, 2].map((k) => spline(pointsOf(z[clamped(i + k, y.length)], j), u))
  const here = spline(rows.map(([value]) => value) as Four, v)
  const across = spline(rows.map(([, slope]) => slope) as Four, v)
  return { value: here[0], slope: [across[0] / width, here[1] / height] }
}

type Four = [number, number, number, number]

/** Which cell, how far it is into it as a share, and how wide the cell is. */
function cellOf(axis: ArrayLike<number>, value: number): [cell: number, share: number, width: number] {
  const last = axis.length - 1
  const width = (axis[last] - axis[0]) / last
  const cell = Math.min(Math.max(Math.floor((value - axis[0]) / width), 0), last - 1)
  return [cell, (value - axis[0]) / width - cell, width]
}

const clamped = (index: number, length: number) => Math.min(Math.max(index, 0), length - 1)

/** Values around a cell; beyond the ends the line goes on straight. */
function pointsOf(row: readonly number[], j: number): Four {
  const [a, b] = [row[j], row[j + 1]]
  return [row[j - 1] ?? 2 * a - b, a, b, row[j + 2] ?? 2 * b - a]
}

/** Value and slope at a share between the two points in the middle. */
function spline([p, a, b, q]: Four, t: number): [value: number, slope: number] {
  const [c1, c2, c3] = [(b - p) / 2, p - 2.5 * a + 2 * b - q / 2, (q - p) / 2 + 1.5 * (a - b)]
  return [a + t * (c1 + t * (c2 + t * c3)), c1 + t * (2 * c2 + t * 3 * c3)]
}
