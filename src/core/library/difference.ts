/** How far two groups of runs are apart in a number, and how sure that is. */
import jstat from 'jstat'
import { CONFIDENCE, meanInterval } from './groups'

/** A run's number and its seed. */
export interface SeededValue {
  seed: number
  value: number
}

export interface Difference {
  /** Mean of the second less mean of the first. */
  mean: number
  /** Half of its 95 % interval; undefined where a group is of one run. */
  half?: number
  /** Runs of each. */
  n: [number, number]
  /** Of the same seeds: the interval is that of the differences seed by seed. */
  paired: boolean
}

/**
 * Runs of one seed share initial weights and batches, so where both groups are of the same seeds the differences seed by
 * seed are taken (Student 1908); else the groups are independent, of variances that need not be equal (Welch 1947, as
 * scipy.stats.ttest_ind(equal_var=False).confidence_interval()).
 * @param first values finite, at least one; so `second`
 */
export function differenceOf(first: readonly SeededValue[], second: readonly SeededValue[]): Difference {
  const n: [number, number] = [first.length, second.length]
  const partners = pairs(first, second)
  if (partners) {
    const { mean, half } = meanInterval(partners)
    return { mean, half, n, paired: true }
  }
  const [a, b] = [moments(first), moments(second)]
  const mean = b.mean - a.mean
  const variance = a.error + b.error
  if (n[0] < 2 || n[1] < 2) return { mean, n, paired: false }
  if (variance === 0) return { mean, half: 0, n, paired: false }
  const freedom = variance ** 2 / (a.error ** 2 / (n[0] - 1) + b.error ** 2 / (n[1] - 1))
  const half = jstat.studentt.inv(0.5 + CONFIDENCE / 2, freedom) * Math.sqrt(variance)
  return { mean, half, n, paired: false }
}

/** Differences seed by seed; undefined where the groups are not of the same seeds, each once. */
function pairs(first: readonly SeededValue[], second: readonly SeededValue[]): number[] | undefined {
  const bySeed = new Map(first.map(({ seed, value }) => [seed, value]))
  const seeds = new Set(second.map(({ seed }) => seed))
  if (bySeed.size !== first.length || seeds.size !== second.length || bySeed.size !== seeds.size)
    return undefined
  const differences = second.flatMap(({ seed, value }) => {
    const partner = bySeed.get(seed)
    return partner === undefined ? [] : [value - partner]
  })
  return differences.length === second.length && differences.length > 1 ? differences : undefined
}

/** Mean, and variance of the mean. */
function moments(values: readonly SeededValue[]): { mean: number; error: number } {
  const n = values.length
  const mean = values.reduce((sum, { value }) => sum + value, 0) / n
  const squares = values.reduce((sum, { value }) => sum + (value - mean) ** 2, 0)
  return { mean, error: n < 2 ? 0 : squares / (n - 1) / n }
}
