/** What a measure found, as files: a CSV a table, and all arrays in one .npz with what they were computed with. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BasinError } from '../../base/errors'
import type { Finding, Measure, Values } from '../../core/landscape/measures/measure'
import { encodeMeasure } from '../../core/landscape/measures/measureFile'
import { csvOf, tablesOf } from '../../core/landscape/measures/tables'
import { tensorSum } from '../../core/weights/tensorSum'
import { diskReason, makeFolder } from '../../platform/node/folders'
import type { ReadRun } from './measuredRuns'

export interface MeasureReport {
  measure: Measure
  settings: Record<string, unknown>
  device: string
  runs: readonly ReadRun[]
  findings: readonly Finding[]
  cancelled: boolean
}

/** File names and contents. */
export function measureFiles(report: MeasureReport): Map<string, string | Uint8Array> {
  const { measure, findings } = report
  const tables = tablesOf(measure, findings).map((table) => [`${table.name}.csv`, csvOf(table)] as const)
  const arrays = encodeMeasure({ ...report, runs: report.runs.map(aboutRun) })
  return new Map<string, string | Uint8Array>([[`${measure.id}.npz`, arrays], ...tables])
}

const aboutRun = ({ key, source, step, config, decoded }: ReadRun) => ({
  key,
  source,
  step,
  tensors_sha256: tensorSum(decoded.tensors),
  run_config: config,
})

/** @returns the paths */
export function writeMeasure(folder: string, files: ReadonlyMap<string, string | Uint8Array>): string[] {
  return [...files].map(([name, content]) => {
    const path = join(folder, name)
    try {
      makeFolder(folder)
      writeFileSync(path, content)
    } catch (error) {
      throw new BasinError('storage', `${path}: ${diskReason(error)}`, 'Choose another --output.')
    }
    return path
  })
}

/** So many are shown one by one. */
const FEW = 8

/** Each value in a line: a number, some, or how many there are and between what they lie. */
export function summaryLines({ yields }: Pick<Measure, 'yields'>, findings: readonly Finding[]): string[] {
  return findings.flatMap(({ runs, values }) =>
    Object.keys(yields).flatMap((name) => {
      const value = values[name]
      if (value === undefined || yields[name].join() === name) return []
      return [`${runs.join(' → ')}  ${name}  ${valueText(value)}`]
    }),
  )
}

function valueText(value: NonNullable<Values[string]>): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return short(value)
  if (!(value instanceof Float64Array)) return value.join(', ')
  if (value.length <= FEW) return Array.from(value, short).join(', ')
  const known = value.filter((one) => !Number.isNaN(one))
  if (known.length === 0) return `0 of ${value.length}`
  const [low, high] = known.reduce(
    ([a, b], one) => [Math.min(a, one), Math.max(b, one)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  const count = known.length === value.length ? `${known.length}` : `${known.length} of ${value.length}`
  return `${count} from ${short(low)} to ${short(high)}`
}

const short = (value: number) => String(Number(value.toPrecision(5)))
