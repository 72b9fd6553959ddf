/** Lengths, angles and projections of vectors of weights: 32-bit numbers, sums in double precision. */

export type Vector = Float32Array | Float64Array

export function dot(a: Vector, b: Vector): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

export const norm = (a: Vector): number => Math.sqrt(dot(a, a))

/** The cosine of the angle between two; NaN where one is zero. */
export const cosine = (a: Vector, b: Vector): number => dot(a, b) / (norm(a) * norm(b))

/** a − b in double precision: points on a way are close to each other beside their length. */
export function difference(a: Vector, b: Vector): Float64Array {
  const out = new Float64Array(a.length)
  for (let i = 0; i < out.length; i++) out[i] = a[i] - b[i]
  return out
}

/** What `a` has beside `b`; twice, since once leaves what rounding put back. */
export function beside(a: Vector, b: Vector): Float64Array {
  const out = Float64Array.from(a)
  const square = dot(b, b)
  for (let twice = 0; twice < 2 && square > 0; twice++) {
    const share = dot(out, b) / square
    for (let i = 0; i < out.length; i++) out[i] -= share * b[i]
  }
  return out
}

/** In 32 bits, as long as asked. A vector of zeros stays one. */
export function scaledTo(a: Vector, length: number): Float32Array {
  const now = norm(a)
  const factor = now > 0 ? length / now : 0
  return Float32Array.from(a, (value) => value * factor)
}

export interface Projection {
  /** One coordinate a direction. */
  at: number[]
  /** How far the point is from the line or plane. */
  outside: number
}

/**
 * The nearest point of the line or plane through `origin`, in its own coordinates: by the normal equations, since
 * directions need not be orthogonal.
 * @param directions one or two, neither zero nor along each other
 */
export function projected(point: Vector, origin: Vector, directions: readonly Vector[]): Projection {
  const rest = difference(point, origin)
  const [d, e] = directions
  const [dd, dr] = [dot(d, d), dot(d, rest)]
  let at: number[]
  if (e) {
    const [de, ee, er] = [dot(d, e), dot(e, e), dot(e, rest)]
    const determinant = dd * ee - de * de
    at = [(ee * dr - de * er) / determinant, (dd * er - de * dr) / determinant]
  } else at = [dr / dd]
  directions.forEach((direction, k) => {
    for (let i = 0; i < rest.length; i++) rest[i] -= at[k] * direction[i]
  })
  return { at, outside: norm(rest) }
}
