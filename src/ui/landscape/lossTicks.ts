/** Round losses to write beside a scale, for a range of half a unit as for one of five decades. */

const MOST = 6

/** About `MOST` round values inside the range: 1-2-5 steps, on a log scale 1-2-5 or whole powers of ten. */
export function lossTicks([low, high]: readonly [number, number], log: boolean): number[] {
  if (!(high > low)) return [low]
  const spread = log && low > 0 ? Math.log10(high / low) : 0
  if (spread >= MOST) return powers(low, high, [1])
  if (spread >= 2.5) return powers(low, high, [1, 3])
  if (spread >= 1) return powers(low, high, [1, 2, 5])
  return even(low, high)
}

function powers(low: number, high: number, factors: readonly number[]): number[] {
  const ticks: number[] = []
  for (let k = Math.floor(Math.log10(low)); 10 ** k <= high; k++)
    for (const factor of factors) {
      const value = Number((factor * 10 ** k).toPrecision(3))
      if (value >= low && value <= high) ticks.push(value)
    }
  return ticks
}

function even(low: number, high: number): number[] {
  const rough = (high - low) / MOST
  const decade = 10 ** Math.floor(Math.log10(rough))
  const step = decade * ([1, 2, 5, 10].find((factor) => factor * decade >= rough) ?? 10)
  const first = Math.ceil(low / step - 1e-9)
  const count = Math.floor(high / step + 1e-9) - first + 1
  return Array.from({ length: count }, (_, k) => Number(((first + k) * step).toPrecision(6)))
}
