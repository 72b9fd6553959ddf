/** Where a slice is measured, and in which order, so that what is there when someone cancels already shows the shape. */

/** `points` values from −range to range, exactly 0 in the middle; an even count is rounded up to hold the centre. */
export function symmetricPoints(range: number, points: number): Float64Array {
  const n = points % 2 === 0 ? points + 1 : points
  return Float64Array.from({ length: n }, (_, i) => (range * (2 * i - (n - 1))) / (n - 1))
}

/** `points` values from one end to the other; an even count is rounded up, so that the middle is among them. */
export function evenPoints(from: number, to: number, points: number): Float64Array {
  const centre = (from + to) / 2
  return symmetricPoints((to - from) / 2, points).map((value) => centre + value)
}

/**
 * t from −0.5 to 1.5; the count is rounded up to 4k + 1 so that t = 0 and t = 1, the two networks themselves, are
 * among the points.
 */
export function interpolationPoints(points: number): Float64Array {
  const quarter = Math.max(1, Math.ceil((points - 1) / 4))
  return Float64Array.from({ length: 4 * quarter + 1 }, (_, i) => (i - quarter) / (2 * quarter))
}

/** Indices 0 … n−1, coarse to fine: the ends and the centre, then ever smaller strides. */
export function coarseToFine(n: number): number[] {
  const order = new Set<number>([(n - 1) >> 1, 0, n - 1])
  for (let stride = largestStride(n); stride >= 1; stride /= 2) {
    for (let i = 0; i < n; i += stride) order.add(i)
  }
  return [...order]
}

/**
 * Cells (row i, column j) of an n × n grid by levels: a whole coarse grid first, then the cells that the next stride
 * adds. The centre comes first.
 */
export function coarseToFineGrid(n: number): [number, number][] {
  const done = new Uint8Array(n * n)
  const cells: [number, number][] = []
  const add = (i: number, j: number) => {
    if (done[i * n + j]) return
    done[i * n + j] = 1
    cells.push([i, j])
  }
  const centre = (n - 1) >> 1
  add(centre, centre)
  for (let stride = largestStride(n); stride >= 1; stride /= 2) {
    const lines = [...new Set([...multiples(n, stride), centre, n - 1])].sort((a, b) => a - b)
    for (const i of lines) for (const j of lines) add(i, j)
  }
  return cells
}

/** The largest power of two that still gives about five lines. */
function largestStride(n: number): number {
  let stride = 1
  while (stride * 2 <= (n - 1) / 4) stride *= 2
  return stride
}

function multiples(n: number, stride: number): number[] {
  const values: number[] = []
  for (let i = 0; i < n; i += stride) values.push(i)
  return values
}
