/**
 * Fewer points, same picture: per bucket of measured points the smallest and the largest are kept, so that a spike of
 * the loss is never lost between two pixels.
 */

/**
 * Indices of the points to draw, ascending: the first and the last measured one, and the minimum and maximum of each
 * bucket. Unmeasured points (NaN, infinite) are left out.
 * @param y values; x is assumed ascending
 * @param maxPoints upper limit of the answer's length, at least 4
 */
export function decimate(y: ArrayLike<number>, maxPoints: number): number[] {
  const measured: number[] = []
  for (let i = 0; i < y.length; i++) if (Number.isFinite(y[i])) measured.push(i)
  if (measured.length <= maxPoints) return measured
  const inner = measured.length - 2
  const buckets = Math.floor((maxPoints - 2) / 2)
  const kept = [measured[0]]
  for (let b = 0; b < buckets; b++) {
    const from = 1 + Math.floor((b * inner) / buckets)
    const to = 1 + Math.floor(((b + 1) * inner) / buckets)
    const [low, high] = extremes(y, measured, from, to)
    kept.push(Math.min(low, high))
    if (low !== high) kept.push(Math.max(low, high))
  }
  kept.push(measured[measured.length - 1])
  return kept
}

function extremes(y: ArrayLike<number>, measured: number[], from: number, to: number): [number, number] {
  let low = measured[from]
  let high = low
  for (let k = from + 1; k < to; k++) {
    const i = measured[k]
    if (y[i] < y[low]) low = i
    if (y[i] > y[high]) high = i
  }
  return [low, high]
}
