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
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)))
}

/** Those of them that stand on an axis with ends of its own. */
export const ticksWithin = (low: number, high: number, intervals?: number): number[] =>
  axisTicks(low, high, intervals).filter((tick) => tick >= low && tick <= high)

/** The same for a logarithmic axis: 1, 2, 5 of every decade, or fewer of them where the decades are many. */
export function logTicks(low: number, high: number): number[] {
  if (!(low > 0) || !Number.isFinite(high)) return [1, 10]
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))]
  const factors = last - first > 3 ? [1] : last - first > 1 ? [1, 3] : [1, 2, 5]
  const all: number[] = []
  for (let decade = first; decade <= last; decade++) {
    for (const factor of factors) all.push(Number((factor * 10 ** decade).toPrecision(3)))
  }
  const begin = Math.max(
    0,
    all.findLastIndex((tick) => tick <= low),
  )
  const end = all.findIndex((tick, i) => i > begin && tick >= high)
  return all.slice(begin, end < 0 ? undefined : end + 1)
}
