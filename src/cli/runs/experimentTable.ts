/** Runs over seeds as tables: mean ± sample standard deviation of each, and which of them the seeds tell apart. */
import type { RunNumbers } from './experiment'

export interface Column<T extends { label: string } = RunNumbers> {
  title: string
  value(numbers: T): number | undefined
  /** Absent: as many as a setting has. */
  digits?: number
}

const COLUMNS: Column[] = [
  { title: 'test error %', value: (run) => 100 * run.testErrorRate, digits: 1 },
  { title: 'best epoch %', value: (run) => 100 * run.bestTestErrorRate, digits: 1 },
  { title: 'train error %', value: (run) => 100 * run.trainErrorRate, digits: 1 },
  {
    title: 'memorised %',
    value: (run) => (run.memorised === undefined ? undefined : 100 * run.memorised),
    digits: 1,
  },
  { title: 'L(0)', value: (run) => run.lossAt0, digits: 2 },
  { title: 'L(±.5)', value: (run) => run.lossAtHalf, digits: 2 },
  { title: 'L(±1)', value: (run) => run.lossAt1, digits: 2 },
]

const FAMILY_COLUMNS: Column[] = [
  { title: 'ρ', value: (run) => run.rho },
  COLUMNS[0],
  COLUMNS[2],
  COLUMNS[3],
  { title: 'λ₁', value: (run) => run.topEigenvalue, digits: 1 },
  { title: 'width', value: (run) => run.width, digits: 2 },
  { title: 'gradients', value: (run) => run.gradients, digits: 0 },
]

export interface Summary {
  mean: number
  /** Sample standard deviation; NaN for a single value. */
  deviation: number
}

export function summarise(values: readonly number[]): Summary {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) }
}

/** Half of the interval that holds the mean of many seeds with 95 % probability (Student's t); NaN for one value. */
export function halfInterval(values: readonly number[]): number {
  const n = values.length
  return ((T_95[n - 2] ?? 1.96) * summarise(values).deviation) / Math.sqrt(n)
}

/** Two-sided 95 % of Student's t at 1, 2, … degrees of freedom. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
]

/** A Markdown table, one row for all runs of a name. */
export const experimentTable = (runs: readonly RunNumbers[]): string =>
  tableOf(runs, COLUMNS, ({ mean, deviation }) => [mean, deviation])

/** The same with 95 % intervals, λ₁, width and cost. */
export const familyTable = (runs: readonly RunNumbers[]): string =>
  tableOf(runs, FAMILY_COLUMNS, ({ mean }, values) => [mean, halfInterval(values)])

const labelsOf = (runs: readonly { label: string }[]) => [...new Set(runs.map(({ label }) => label))]

type Spread = (summary: Summary, values: readonly number[]) => [mean: number, spread: number]

export function tableOf<T extends { label: string }>(
  runs: readonly T[],
  columns: readonly Column<T>[],
  spread: Spread,
): string {
  const rows = labelsOf(runs).map((label) => {
    const own = runs.filter((run) => run.label === label)
    return [label, ...columns.map((column) => cell(column, own, spread))]
  })
  return markdown([['', ...columns.map(({ title }) => title)], ...rows])
}

/** The first row is the heading. */
export function markdown(table: readonly string[][]): string {
  const widths = table[0].map((_, i) => Math.max(3, ...table.map((row) => row[i].length)))
  const line = (row: readonly string[]) => `| ${row.map((text, i) => text.padEnd(widths[i])).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  return [line(table[0]), rule, ...table.slice(1).map(line)].join('\n')
}

function cell<T extends { label: string }>(
  { value, digits }: Column<T>,
  runs: readonly T[],
  spread: Spread,
): string {
  const values = runs.map(value).filter((number) => number !== undefined)
  if (values.length === 0) return ''
  if (digits === undefined) return [...new Set(values)].join(', ')
  const [mean, by] = spread(summarise(values), values)
  return Number.isNaN(by) || values.every((number) => number === values[0])
    ? mean.toFixed(digits)
    : `${mean.toFixed(digits)} ± ${by.toFixed(digits)}`
}

/**
 * Differences of test error in points, seed by seed, with their 95 % intervals: those that hold zero are not told apart.
 * @param against labels of the columns
 */
export function differenceTable(runs: readonly RunNumbers[], against: readonly string[]): string {
  const errors = (label: string) =>
    runs.filter((run) => run.label === label).map(({ testErrorRate }) => 100 * testErrorRate)
  const rows = labelsOf(runs).map((label) => [
    label,
    ...against.map((other) => (other === label ? '' : differenceText(errors(label), errors(other)))),
  ])
  return markdown([['test error, points', ...against.map((label) => `less ${label}’s`)], ...rows])
}

function differenceText(own: readonly number[], others: readonly number[]): string {
  const differences = own.map((error, seed) => error - others[seed])
  const { mean } = summarise(differences)
  const half = halfInterval(differences)
  const sign = mean > 0 ? '+' : '−'
  const text = `${sign}${Math.abs(mean).toFixed(1)}`
  if (Number.isNaN(half)) return text
  return `${text} ± ${half.toFixed(1)}${Math.abs(mean) > half ? '' : ', not told apart'}`
}
