/** What a sweep has found: groups of runs that differ in nothing but the seed, as a table, as CSV, as JSON. */
import { flagText } from '../../core/config/flags'
import { FIELD_NAMES, type FieldName, type RunConfig } from '../../core/config/schema'
import { grouped, intervalOf } from '../../core/library/groups'
import { percent } from '../terminal/progressView'
import { configOf, METRICS, type Metric, type RunResult } from './job'

export interface ResultGroup {
  /** What the sweep is over, but for the seed. */
  settings: Partial<RunConfig>
  /** Runs that finished: what the numbers are of. */
  n: number
  diverged: number
  mean: Partial<Record<Metric, number>>
  /** 95 % of the mean by Student's t; null where one run has the number. */
  interval: Partial<Record<Metric, [low: number, high: number] | null>>
  seeds: number[]
  /** Of all its runs, in the order of the seeds. */
  folders: string[]
}

/** @param over settings that tell groups apart */
export function groupResults(results: readonly RunResult[], over: readonly FieldName[]): ResultGroup[] {
  const runs = results.map((result) => ({ result, record: { config: configOf(result.settings) } }))
  return grouped(runs).map(({ runs: members }) => {
    const bySeed = members.toSorted((a, b) => a.record.config.run_seed - b.record.config.run_seed)
    const finished = bySeed.filter(({ result }) => result.state === 'finished')
    const group: ResultGroup = {
      settings: Object.fromEntries(over.map((name) => [name, members[0].record.config[name]])),
      n: finished.length,
      diverged: bySeed.filter(({ result }) => result.state === 'diverged').length,
      mean: {},
      interval: {},
      seeds: bySeed.map(({ record }) => record.config.run_seed),
      folders: bySeed.map(({ result }) => result.folder),
    }
    for (const metric of METRICS) {
      const found = intervalOf(finished, ({ result }) => result.metrics[metric])
      if (!found) continue
      const { mean, half } = found
      group.mean[metric] = mean
      group.interval[metric] = half === undefined ? null : [mean - half, mean + half]
    }
    return group
  })
}

/** The settings in which results differ, for a folder whose plan is not there. */
export function overOf(results: readonly RunResult[]): FieldName[] {
  const configs = results.map(({ settings }) => configOf(settings))
  const text = (config: RunConfig, name: FieldName) => JSON.stringify(config[name])
  return FIELD_NAMES.filter(
    (name) => name !== 'run_seed' && configs.some((config) => text(config, name) !== text(configs[0], name)),
  )
}

const SHOWN: Partial<Record<Metric, { title: string; text(value: number): string }>> = {
  testErrorRate: { title: 'test error', text: percent },
  bestTestErrorRate: { title: 'best epoch', text: percent },
  trainErrorRate: { title: 'train error', text: percent },
  memorised: { title: 'memorised', text: percent },
  gradientEvaluations: { title: 'gradients', text: (value) => String(Math.round(value)) },
  lambda1: { title: 'λ₁', text: (value) => value.toPrecision(4) },
  trace: { title: 'trace', text: (value) => value.toPrecision(4) },
  width: { title: 'width', text: (value) => value.toFixed(2) },
}

/** Rows of a table with its heading, for `markdown`. */
export function resultRows(groups: readonly ResultGroup[]): string[][] {
  const over = Object.keys(groups[0]?.settings ?? {}) as FieldName[]
  const metrics = METRICS.filter((metric) => SHOWN[metric] && groups.some((group) => metric in group.mean))
  const header = [...over, 'n', ...metrics.map((metric) => SHOWN[metric]!.title)]
  const diverged = groups.some((group) => group.diverged > 0)
  const rows = groups.map((group) => [
    ...over.map((name) => flagText(group.settings[name]!) || 'none'),
    String(group.n),
    ...metrics.map((metric) => cell(group, metric)),
    ...(diverged ? [String(group.diverged)] : []),
  ])
  return [[...header, ...(diverged ? ['diverged'] : [])], ...rows]
}

function cell({ mean, interval }: ResultGroup, metric: Metric): string {
  const { text } = SHOWN[metric]!
  const value = mean[metric]
  if (value === undefined) return ''
  const range = interval[metric]
  return range && range[0] !== range[1] ? `${text(value)} ± ${text(value - range[0])}` : text(value)
}

/** A line a group: settings, n, and of each number its mean and both ends of its interval. */
export function resultsCsv(groups: readonly ResultGroup[]): string {
  const over = Object.keys(groups[0]?.settings ?? {}) as FieldName[]
  const header = [
    ...over,
    'n',
    'diverged',
    'seeds',
    ...METRICS.flatMap((metric) => [metric, `${metric}_low`, `${metric}_high`]),
  ]
  const lines = groups.map((group) => [
    ...over.map((name) => flagText(group.settings[name]!)),
    group.n,
    group.diverged,
    group.seeds.join(' '),
    ...METRICS.flatMap((metric) => [group.mean[metric] ?? '', ...(group.interval[metric] ?? ['', ''])]),
  ])
  return [header, ...lines].map((line) => `${line.map(field).join(',')}\n`).join('')
}

const field = (value: string | number) => {
  const text = String(value)
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
