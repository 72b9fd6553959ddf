/** Any setting against any metric: where each run stands. */
import { flagText } from '../../core/config/flags'
import { FIELD_NAMES, type FieldName, fieldMeta } from '../../core/config/schema'
import type { ListedRun } from '../../worker/libraryProtocol'
import { DEFAULT_VIEW } from './address'
import { NUMBER_COLUMNS, type NumberColumn } from './columns'

export interface ScatterPoint {
  /** Its id. */
  run: string
  name: string
  x: number
  y: number
}

export interface ScatterAxis {
  /** Of values that are no numbers: what stands at 0, 1, 2 … */
  names?: string[]
  log: boolean
}

/** Settings that are not the same in all runs, with the one that is shown. */
export function settingsOf(runs: readonly ListedRun[], shown: FieldName): FieldName[] {
  const varies = (name: FieldName) =>
    runs.some(({ record }) => differ(record.config[name], runs[0].record.config[name]))
  return FIELD_NAMES.filter(
    (name) => name === shown || (name !== 'runs' && fieldMeta(name).group !== 'files' && varies(name)),
  )
}

/** Lists among the values are compared by what is in them. */
const differ = (a: unknown, b: unknown) => a !== b && JSON.stringify(a) !== JSON.stringify(b)

/** What an address says, or the defaults. */
export const settingOf = (text: string): FieldName =>
  FIELD_NAMES.find((name) => name === text) ?? (DEFAULT_VIEW.setting as FieldName)
export const metricOf = (text: string): NumberColumn =>
  NUMBER_COLUMNS.find(({ id }) => id === text) ?? NUMBER_COLUMNS.find(({ id }) => id === DEFAULT_VIEW.metric)!

/** From this ratio of the largest to the smallest on, a scale is logarithmic. */
const WIDE = 30

export function scatterOf(
  runs: readonly ListedRun[],
  setting: FieldName,
  metric: NumberColumn,
): { points: ScatterPoint[]; axis: ScatterAxis } {
  const known = runs.flatMap(({ record }) => {
    const y = metric.value(record)
    const value = record.config[setting]
    return y === undefined || !Number.isFinite(y) ? [] : [{ run: record.id, name: record.name, value, y }]
  })
  if (known.every(({ value }) => typeof value === 'number')) {
    const points = known.map(({ run, name, value, y }) => ({ run, name, x: value as number, y }))
    const [low, high] = points.reduce(
      ([a, b], { x }) => [Math.min(a, x), Math.max(b, x)],
      [Infinity, -Infinity],
    )
    return { points, axis: { log: low > 0 && high / low >= WIDE } }
  }
  const names = [...new Set(known.map(({ value }) => flagText(value) || 'none'))].sort()
  const points = known.map(({ run, name, value, y }) => ({
    run,
    name,
    x: names.indexOf(flagText(value) || 'none'),
    y,
  }))
  return { points, axis: { names, log: false } }
}
