/**
 * Exponential moving average without the pull towards zero at the start (Adam's bias correction). The weight is per
 * step, so a series measured every tenth step is smoothed over as many steps as one measured at each.
 */

/**
 * The smoothed series, as long as `y`; NaN where `y` was not measured.
 * @param weight in [0, 1): 0 returns the values unchanged
 */
export function smooth(y: ArrayLike<number>, weight: number): Float64Array {
  const out = new Float64Array(y.length)
  let sum = 0
  let weights = 0
  let last = -1
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i])) {
      out[i] = Number.NaN
      continue
    }
    const kept = weight ** (i - last)
    sum = kept * sum + (1 - kept) * y[i]
    weights = kept * weights + (1 - kept)
    last = i
    out[i] = sum / weights
  }
  return out
}
