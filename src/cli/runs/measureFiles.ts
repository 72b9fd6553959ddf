/** What a measure found, as files: a CSV a table, and all arrays in one .npz with what they were computed with. */
import { join } from 'node:path'
import { stlOf, vtpOf } from '../../core/landscape/bodies'
import { heightsOf } from '../../core/landscape/heights'
import type { Finding, Measure, MeasuredRun, Values, Vectors } from '../../core/landscape/measures/measure'
import { encodeMeasure } from '../../core/landscape/measures/measureFile'
import { csvOf, tablesOf } from '../../core/landscape/measures/tables'
import { parametersSum } from '../../core/library/newRecord'
import type { RunKey } from '../../core/runs/metrics'
import { tensorSum } from '../../core/weights/tensorSum'
import { writeInto } from '../../platform/node/folders'
import type { ReadRun } from './measuredRuns'

export interface MeasureReport {
  measure: Measure
  settings: Record<string, unknown>
  device: string
  runs: readonly ReadRun[]
  findings: readonly Finding[]
  cancelled: boolean
  vectors?: Vectors
  /** Of the weights that were looked at, by the run. */
  sums?: ReadonlyMap<RunKey, string>
}

/** File names and contents. */
export function measureFiles(report: MeasureReport): Map<string, string | Uint8Array> {
  const { measure, findings } = report
  const tables = tablesOf(measure, findings).map((table) => [`${table.name}.csv`, csvOf(table)] as const)
  const arrays = encodeMeasure({
    ...report,
    runs: report.runs.map((run) => aboutRun(run, report.sums?.get(run.key))),
  })
  return new Map<string, string | Uint8Array>([[`${measure.id}.npz`, arrays], ...tables])
}

/** SHA-256 of the weights that are evaluated, as the page's files have it. */
export async function weightSums(runs: readonly MeasuredRun[]): Promise<Map<RunKey, string>> {
  const sums = new Map<RunKey, string>()
  for (const { key, theta } of runs) sums.set(key, await parametersSum((await theta.data()) as Float32Array))
  return sums
}

const aboutRun = ({ key, source, step, config, decoded }: ReadRun, sum: string | undefined) => ({
  key,
  source,
  step,
  ...(sum !== undefined && { parameters_sha256: sum }),
  tensors_sha256: tensorSum(decoded.tensors),
  run_config: config,
})

/** Every surface among what was found, as `.vtp` and `.stl`; what was not measured to its end is no body. */
export function meshFiles({
  measure,
  findings,
}: Pick<MeasureReport, 'measure' | 'findings'>): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  const whole = findings.flatMap(({ runs, values }) => {
    const { x, y, loss, error } = values as Partial<Record<string, Float64Array>>
    return x && y && loss?.every(Number.isFinite) && error ? [{ runs, grid: { x, y, loss, error } }] : []
  })
  const heights = heightsOf(
    whole.map(({ grid: { loss } }) => [
      loss.reduce((a, b) => Math.min(a, b)),
      loss.reduce((a, b) => Math.max(a, b)),
    ]),
    { height: 'rise', scale: 'log' },
  )
  for (const { runs, grid } of whole) {
    const name = `${measure.id}_${runs.join('_')}`
    files.set(`${name}.vtp`, vtpOf(grid))
    files.set(`${name}.stl`, stlOf(grid, heights, 1, runs.join(' ')))
  }
  return files
}

/** Whether a measure has surfaces. */
export const hasMeshes = ({ yields }: Pick<Measure, 'yields'>): boolean =>
  yields.loss?.join() === 'y,x' && 'error' in yields

/** @returns the paths */
export function writeMeasure(folder: string, files: ReadonlyMap<string, string | Uint8Array>): string[] {
  return [...files].map(([name, content]) => {
    const path = join(folder, name)
    writeInto(path, content, 'Choose another --output.')
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
      if (typeof value === 'object' && value.length === 0) return []
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
