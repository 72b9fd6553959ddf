/**
 * The full metric history of a run in typed arrays that grow by doubling: 9 numbers a step, no object per step kept,
 * so that a run of 100,000 steps costs 7 MiB.
 */
import { STEP_COLUMNS, type StepMetrics } from './metrics'

export type MetricColumnArrays = { [K in keyof StepMetrics]: Float64Array }

export class MetricsBuffer {
  #columns: MetricColumnArrays
  #length = 0

  constructor(capacity = 256) {
    this.#columns = emptyColumns(Math.max(1, capacity))
  }

  get length(): number {
    return this.#length
  }

  push(row: StepMetrics): void {
    if (this.#length === this.#columns.step.length) this.#grow()
    for (const name of STEP_COLUMNS) this.#columns[name][this.#length] = row[name]
    this.#length++
  }

  /** Copies of rows [from, to), one array per column; safe to transfer to another thread. */
  columns(from = 0, to = this.#length): MetricColumnArrays {
    const out = {} as MetricColumnArrays
    for (const name of STEP_COLUMNS) out[name] = this.#columns[name].slice(from, Math.min(to, this.#length))
    return out
  }

  /** Row `index`; negative counts from the end. Undefined outside. */
  at(index: number): StepMetrics | undefined {
    const i = index < 0 ? this.#length + index : index
    if (i < 0 || i >= this.#length) return undefined
    const row = {} as StepMetrics
    for (const name of STEP_COLUMNS) row[name] = this.#columns[name][i]
    return row
  }

  /** Mean of one column over the last `count` rows; NaN when there is none. */
  recentMean(name: keyof StepMetrics, count: number): number {
    const from = Math.max(0, this.#length - count)
    let sum = 0
    for (let i = from; i < this.#length; i++) sum += this.#columns[name][i]
    return sum / (this.#length - from)
  }

  clear(): void {
    this.#length = 0
  }

  #grow(): void {
    const larger = emptyColumns(this.#columns.step.length * 2)
    for (const name of STEP_COLUMNS) larger[name].set(this.#columns[name])
    this.#columns = larger
  }
}

function emptyColumns(capacity: number): MetricColumnArrays {
  const columns = {} as MetricColumnArrays
  for (const name of STEP_COLUMNS) columns[name] = new Float64Array(capacity)
  return columns
}
