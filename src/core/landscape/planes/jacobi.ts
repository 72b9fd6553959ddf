/**
 * All eigenvalues and eigenvectors of a small symmetric matrix in double precision, by Jacobi's rotations: slow for
 * large ones, and as exact as the matrix is.
 * Source: Golub & Van Loan, "Matrix Computations", §8.5.
 */

export interface SymmetricEigen {
  /** Descending. */
  values: number[]
  /** vectors[k] of norm 1 belongs to values[k]. */
  vectors: Float64Array[]
}

const MAX_SWEEPS = 60

/** @param matrix rows of a symmetric matrix; left as it is */
export function jacobiEigen(matrix: readonly ArrayLike<number>[]): SymmetricEigen {
  const n = matrix.length
  const a = matrix.map((row) => Float64Array.from(row))
  // Rows are eigenvectors in the end.
  const v = a.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)))
  const size = Math.sqrt(a.reduce((sum, row) => row.reduce((part, value) => part + value * value, sum), 0))
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let rotated = false
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) <= 1e-17 * size) continue
        rotated = true
        rotate(a, v, p, q)
      }
    if (!rotated) break
  }
  const order = a.map((_, i) => i).sort((i, j) => a[j][j] - a[i][i])
  return { values: order.map((i) => a[i][i]), vectors: order.map((i) => v[i]) }
}

/** Makes a[p][q] zero. */
function rotate(a: Float64Array[], v: Float64Array[], p: number, q: number): void {
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c
  for (const row of a) {
    const [x, y] = [row[p], row[q]]
    row[p] = c * x - s * y
    row[q] = s * x + c * y
  }
  for (const rows of [a, v]) {
    const [x, y] = [rows[p], rows[q]]
    for (let k = 0; k < x.length; k++) {
      const [xk, yk] = [x[k], y[k]]
      x[k] = c * xk - s * yk
      y[k] = s * xk + c * yk
    }
  }
}
