/** Exponential moving average without the pull towards zero at the start (Adam's bias correction; TensorBoard's too). */

/**
 * The smoothed series, as long as `y`; NaN where `y` was not measured, and such points leave the average alone.
 * @param weight in [0, 1): 0 returns the values unchanged
 */
export function smooth(y: ArrayLike<number>, weight: number): Float64Array {
  const out = new Float64Array(y.length)
  let average = 0
  let decay = 1
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i])) {
      out[i] = Number.NaN
      continue
    }
    average = weight * average + (1 - weight) * y[i]
    decay *= weight
    out[i] = average / (1 - decay)
  }
  return out
}
