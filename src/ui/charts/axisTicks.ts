/** Round values for a linear axis: they enclose the data, so the first and the last are the axis' ends. */

const STEPS = [1, 2, 2.5, 5, 10]

/** @param intervals about how many steps between the ends */
export function axisTicks(low: number, high: number, intervals = 4): number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1]
  if (!(high > low)) return low === 0 ? [0, 1] : axisTicks(Math.min(0, low), Math.max(0, low), intervals)
  const rough = (high - low) / intervals
  const decade = 10 ** Math.floor(Math.log10(rough))
  const step = decade * (STEPS.find((factor) => factor * decade >= rough * 0.999) ?? 10)
  // A hair beyond the last round value is not worth another step.
  const first = Math.floor(low / step + 0.02)
  const last = Math.ceil(high / step - 0.02)
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(9)))
}
