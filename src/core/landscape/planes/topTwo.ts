/**
 * The two largest eigenvalues of a small positive semidefinite matrix, by orthogonal iteration: what a drawing needs, in
 * a fraction of the time that all of them take (jacobi.ts).
 * Source: Golub & Van Loan, "Matrix Computations", §8.2.
 */
import { dot, norm } from './vectors'

const MOST = 100
/** Of λ₁, the change by which it ends. */
const STILL = 1e-7

export interface TopTwo {
  /** Descending. */
  values: [number, number]
  /** Of norm 1. */
  vectors: [Float64Array, Float64Array]
}

/** @param matrix rows, at least two */
export function topTwo(matrix: readonly Float64Array[]): TopTwo {
  const n = matrix.length
  let vectors = orthonormal(
    Float64Array.from({ length: n }, (_, i) => 1 + i),
    Float64Array.from({ length: n }, (_, i) => Math.sin(1 + 3 * i)),
  )
  let values: TopTwo['values'] = [0, 0]
  for (let k = 0; k < MOST; k++) {
    const images = vectors.map((vector) => Float64Array.from(matrix, (row) => dot(row, vector)))
    const before = values
    const turn = eigenOfTwo(
      dot(vectors[0], images[0]),
      dot(vectors[0], images[1]),
      dot(vectors[1], images[1]),
    )
    values = turn.values
    vectors = orthonormal(turned(images, turn.c, turn.s), turned(images, -turn.s, turn.c))
    const change = Math.abs(values[0] - before[0]) + Math.abs(values[1] - before[1])
    if (change <= STILL * values[0]) break
  }
  return { values, vectors }
}

/** Of [[a, b], [b, d]]: descending, the first with the vector (c, s). */
function eigenOfTwo(a: number, b: number, d: number) {
  const angle = Math.atan2(2 * b, a - d) / 2
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  const first = a * c * c + 2 * b * c * s + d * s * s
  return { values: [first, a + d - first] as [number, number], c, s }
}

const turned = ([a, b]: readonly Float64Array[], c: number, s: number): Float64Array =>
  a.map((value, i) => c * value + s * b[i])

/** By Gram and Schmidt; a vector of zeros stays one. */
function orthonormal(a: Float64Array, b: Float64Array): [Float64Array, Float64Array] {
  const first = unit(a)
  const share = dot(first, b)
  return [first, unit(b.map((value, i) => value - share * first[i]))]
}

function unit(a: Float64Array): Float64Array {
  const length = norm(a)
  return length > 0 ? a.map((value) => value / length) : a
}
