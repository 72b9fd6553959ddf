/** Runs over seeds as a table: mean ± sample standard deviation per radius. */
import type { RunNumbers } from './experiment'

interface Column {
  title: string
  value(numbers: RunNumbers): number | undefined
  digits: number
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

/** A Markdown table, one row a radius, SGD first. */
export function experimentTable(runs: readonly RunNumbers[]): string {
  const rhos = [...new Set(runs.map(({ rho }) => rho))].sort((a, b) => a - b)
  const rows = rhos.map((rho) => {
    const own = runs.filter((run) => run.rho === rho)
    return [rho === 0 ? 'SGD' : `SAM ρ ${rho}`, ...COLUMNS.map((column) => cell(column, own))]
  })
  const table = [['', ...COLUMNS.map(({ title }) => title)], ...rows]
  const widths = table[0].map((_, i) => Math.max(3, ...table.map((row) => row[i].length)))
  const line = (row: readonly string[]) => `| ${row.map((text, i) => text.padEnd(widths[i])).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  return [line(table[0]), rule, ...table.slice(1).map(line)].join('\n')
}

function cell({ value, digits }: Column, runs: readonly RunNumbers[]): string {
  const values = runs.map(value).filter((number) => number !== undefined)
  if (values.length === 0) return ''
  const { mean, deviation } = summarise(values)
  return Number.isNaN(deviation)
    ? mean.toFixed(digits)
    : `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`
}
