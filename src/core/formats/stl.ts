/**
 * Surfaces as solids for a 3-D printer: binary STL of the closed body between a height field and a flat floor. Every edge
 * belongs to exactly two triangles, which go around it in opposite directions, and all normals point outwards.
 * Source: 3D Systems, StereoLithography Interface Specification, 1988, §6.5.3 (binary).
 */

export interface HeightField {
  /** Lengths in millimetres; x and y ascending. */
  x: ArrayLike<number>
  y: ArrayLike<number>
  /** z[i][j] at y[i], x[j], above the floor, which is at 0. */
  z: readonly (readonly number[])[]
}

type Point = readonly [number, number, number]

const HEADER = 80
const TRIANGLE = 50

/** @throws RangeError where a height is not above the floor: it would be no body */
export function encodeStl(field: HeightField, name: string): Uint8Array {
  const triangles = trianglesOf(field)
  const bytes = new Uint8Array(HEADER + 4 + TRIANGLE * triangles.length)
  // A binary file must not begin with "solid", by which readers know the other kind.
  new TextEncoder().encodeInto(`Basin: ${name}`.slice(0, HEADER), bytes)
  const view = new DataView(bytes.buffer)
  view.setUint32(HEADER, triangles.length, true)
  triangles.forEach((corners, k) => {
    const at = HEADER + 4 + TRIANGLE * k
    const numbers = [...normalOf(corners), ...corners.flat()]
    numbers.forEach((value, n) => {
      view.setFloat32(at + 4 * n, value, true)
    })
  })
  return bytes
}

type Triangle = readonly [Point, Point, Point]

function trianglesOf({ x, y, z }: HeightField): Triangle[] {
  const [rows, columns] = [z.length, z[0].length]
  for (const row of z)
    for (const height of row) {
      if (!(height > 0 && Number.isFinite(height))) {
        throw new RangeError(`stl: heights above 0, got ${height}`)
      }
    }
  const top = (i: number, j: number): Point => [x[j], y[i], z[i][j]]
  const foot = (i: number, j: number): Point => [x[j], y[i], 0]
  const triangles: Triangle[] = []
  for (let i = 0; i + 1 < rows; i++)
    for (let j = 0; j + 1 < columns; j++) {
      const [a, b, c, d] = [top(i, j), top(i, j + 1), top(i + 1, j + 1), top(i + 1, j)]
      triangles.push([a, b, c], [a, c, d])
    }
  const edge = around(rows, columns)
  const middle: Point = [(x[0] + x[columns - 1]) / 2, (y[0] + y[rows - 1]) / 2, 0]
  edge.forEach(([i, j], k) => {
    const [i2, j2] = edge[(k + 1) % edge.length]
    triangles.push(
      [foot(i, j), foot(i2, j2), top(i2, j2)],
      [foot(i, j), top(i2, j2), top(i, j)],
      [foot(i2, j2), foot(i, j), middle],
    )
  })
  return triangles
}

/** Points of the edge, counter-clockwise from above. */
function around(rows: number, columns: number): [row: number, column: number][] {
  const edge: [number, number][] = []
  for (let j = 0; j < columns - 1; j++) edge.push([0, j])
  for (let i = 0; i < rows - 1; i++) edge.push([i, columns - 1])
  for (let j = columns - 1; j > 0; j--) edge.push([rows - 1, j])
  for (let i = rows - 1; i > 0; i--) edge.push([i, 0])
  return edge
}

function normalOf([a, b, c]: Triangle): Point {
  const [ux, uy, uz] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]]
  const [vx, vy, vz] = [c[0] - a[0], c[1] - a[1], c[2] - a[2]]
  const n = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx]
  const length = Math.hypot(...n) || 1
  return [n[0] / length, n[1] / length, n[2] / length]
}
