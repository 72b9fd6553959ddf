/** A line or plane through the weights of a run: what leads along it, what is shown on it, how much of it is measured. */
import type { NamedPoint } from './points'
import { cosine, norm, projected, type Vector } from './vectors'

export interface Direction {
  /** What it is, as an axis is labelled. */
  title: string
  /** [P]; a 1 on the axis is so long in the space of the weights. */
  vector: Float32Array
  /** [S], where statistics move along; else they stay. */
  stats?: Float32Array
}

export interface Plane {
  /** One or two. */
  directions: Direction[]
  /** Points that are shown on it, in their projection. */
  marks: NamedPoint[]
  /** The picture is laid around so many of the first marks; 0: it lies around the run. */
  framed: number
}

/** What is told of a plane beside the values on it. */
export type PlaneValues = {
  /** The axes by their names. */
  direction: readonly string[]
  direction_title: readonly string[]
  /** ‖d‖ */
  direction_length: Float64Array
  /** Of the angle between the two. */
  cosine?: number
  mark: readonly string[]
  /** How far each marked point is from the plane. */
  mark_outside: Float64Array
}

export const PLANE_YIELDS = {
  direction: ['direction'],
  direction_title: ['direction'],
  direction_length: ['direction'],
  mark: ['mark'],
  mark_outside: ['mark'],
} as const

export interface Described {
  values: PlaneValues
  /** at[k][m]: coordinate k of mark m. */
  at: Float64Array[]
}

/** @param origin the weights that the plane goes through, [P] @param names of the axes */
export function described({ directions, marks }: Plane, origin: Vector, names: readonly string[]): Described {
  const vectors = directions.map(({ vector }) => vector)
  const projections = marks.map(({ theta }) => projected(theta, origin, vectors))
  return {
    values: {
      direction: names,
      direction_title: directions.map(({ title }) => title),
      direction_length: Float64Array.from(vectors, norm),
      ...(vectors.length === 2 && { cosine: cosine(vectors[0], vectors[1]) }),
      mark: marks.map(({ name }) => name),
      mark_outside: Float64Array.from(projections, ({ outside }) => outside),
    },
    at: names.map((_, k) => Float64Array.from(projections, ({ at }) => at[k])),
  }
}

/**
 * The stretch of each axis: from −range to range, or around the points that the plane was laid through, at a range of 1
 * by half of their spread on every side.
 */
export function stretches(
  { directions, framed }: Plane,
  { at }: Described,
  range: number,
): [number, number][] {
  if (framed === 0) return directions.map(() => [-range, range])
  const boxes = at.map((coordinates) => {
    const own = coordinates.subarray(0, framed)
    return [Math.min(...own), Math.max(...own)]
  })
  const side = Math.max(...boxes.map(([low, high]) => high - low))
  // The points themselves are then among the places, whatever rounding made of their projections.
  const digits = 10 ** (6 - Math.floor(Math.log10(side)))
  const round = (value: number) => Math.round(value * digits) / digits
  return boxes.map(([low, high]) => {
    const [centre, half] = [(round(low) + round(high)) / 2, range * round(side)]
    return [centre - half, centre + half]
  })
}
