/** Which place of a surface is seen at a point of the paper. */
import type { DrawnBasin, PlanePoint } from '../basin'
import type { Place } from './camera'
import { viewOf } from './camera'
import { paintOrder, regridded } from './heightField'
import { boxHeightOf, FLOOR, type SceneLook } from './look'

/** The nearest cell that covers the point is the one that is seen. */
export function pickOnScene(
  place: Place,
  { surface }: DrawnBasin,
  { scale, camera, exaggeration, most }: Pick<SceneLook, 'scale' | 'camera' | 'exaggeration' | 'most'>,
  left: number,
  top: number,
): PlanePoint | undefined {
  const boxHeight = boxHeightOf(exaggeration)
  const view = viewOf(camera, boxHeight, place)
  const base = scale.baseOf(surface)
  const z = regridded(surface.z, most)
  const [rows, columns] = [z.length - 1, z[0].length - 1]
  const points = z.map((line, i) =>
    line.map((loss, j) => {
      const up = FLOOR + scale.share(loss - base) * (boxHeight - FLOOR)
      return view.at((2 * j) / columns - 1, (2 * i) / rows - 1, up)
    }),
  )
  for (const i of nearestFirst(rows, view.eye[1])) {
    for (const j of nearestFirst(columns, view.eye[0])) {
      const [a, b, c, d] = [points[i][j], points[i][j + 1], points[i + 1][j + 1], points[i + 1][j]]
      // As two triangles; in each, shares of its corners are places in the cell.
      const first = sharesIn(a, b, d, left, top)
      const second = first ? undefined : sharesIn(c, d, b, left, top)
      const inCell = first ? [first[1], first[2]] : second && [1 - second[1], 1 - second[2]]
      if (inCell) return onPlane(surface, (j + inCell[0]) / columns, (i + inCell[1]) / rows)
    }
  }
  return undefined
}

const nearestFirst = (cells: number, eye: number) => paintOrder(cells, eye).reverse()

function onPlane({ x, y }: DrawnBasin['surface'], across: number, up: number): PlanePoint {
  const at = (axis: Float64Array, share: number) => axis[0] + share * (axis[axis.length - 1] - axis[0])
  return { x: at(x, across), y: at(y, up) }
}

type Point = readonly [number, number]

/** Barycentric coordinates; undefined outside. */
function sharesIn(a: Point, b: Point, c: Point, x: number, y: number): [number, number, number] | undefined {
  const area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
  if (area === 0) return undefined
  const toB = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / area
  const toC = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / area
  return toB >= 0 && toC >= 0 && toB + toC <= 1 ? [1 - toB - toC, toB, toC] : undefined
}
