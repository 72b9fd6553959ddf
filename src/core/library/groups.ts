/**
 * Runs that differ in nothing but the seed are one experiment made several times: their mean, and how sure it is.
 * A group's numbers depend on its own runs alone.
 */
import jstat from 'jstat'
import { FIELD_NAMES, fieldMeta, type RunConfig } from '../config/schema'
import type { RunRecord } from './record'

export interface Interval {
  n: number
  mean: number
  /** Half the width of the 95 % interval of the mean, by Student's t; undefined for fewer than two. */
  half?: number
}

export const CONFIDENCE = 0.95

/**
 * mean ± t(0.975, n − 1) · s / √n, s the sample standard deviation: what the mean of further such runs would be within,
 * were the runs' values normal. Source: Student 1908; as scipy.stats.t.interval.
 * @param values finite
 */
export function meanInterval(values: readonly number[]): Interval {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  if (n < 2) return { n, mean }
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const error = Math.sqrt(squares / (n - 1) / n)
  return { n, mean, half: quantile(n - 1) * error }
}

/** t(0.975, ν), which is asked for at every step of every group. */
function quantile(degreesOfFreedom: number): number {
  const known = QUANTILES.get(degreesOfFreedom) ?? jstat.studentt.inv(0.5 + CONFIDENCE / 2, degreesOfFreedom)
  QUANTILES.set(degreesOfFreedom, known)
  return known
}

const QUANTILES = new Map<number, number>()

/** What makes runs one group: every setting that changes their numbers, but for the seed. */
export function groupKey(config: RunConfig): string {
  const names = FIELD_NAMES.filter((name) => name !== 'run_seed' && !fieldMeta(name).harmless)
  return JSON.stringify(names.map((name) => config[name]))
}

export interface RunGroup<R> {
  key: string
  runs: R[]
}

type GroupedRecord = Pick<RunRecord, 'config'> & Partial<Pick<RunRecord, 'id' | 'curvesOnly' | 'parent'>>

/** In the order of their first runs. */
export function grouped<R extends { record: GroupedRecord }>(runs: readonly R[]): RunGroup<R>[] {
  const groups = new Map<string, R[]>()
  for (const run of runs) {
    const { config, id, curvesOnly, parent } = run.record
    // Nobody knows what else is alike in runs without settings.
    const key = curvesOnly ? String(id) : groupKey(config) + (parent ? ` from ${parent.step}` : '')
    const known = groups.get(key)
    if (known) known.push(run)
    else groups.set(key, [run])
  }
  return [...groups].map(([key, members]) => ({ key, runs: members }))
}

/** Of a number that some of the runs have; undefined where none has. */
export function intervalOf<R>(
  runs: readonly R[],
  value: (run: R) => number | undefined,
): Interval | undefined {
  const known = runs.map(value).filter((number) => number !== undefined && Number.isFinite(number))
  return known.length > 0 ? meanInterval(known as number[]) : undefined
}
