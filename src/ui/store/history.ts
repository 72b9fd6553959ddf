/**
 * The whole metric history of one run in typed arrays that grow by doubling. React never sees it as state: the store
 * keeps a version number that goes up when columns were appended, and charts read the arrays.
 */
import { type MetricColumns, type RunKey, STEP_COLUMNS, type StepMetrics } from '../../worker/protocol'

export type MetricName = keyof StepMetrics

export class RunHistory {
  length = 0
  private columns = STEP_COLUMNS.map(() => new Float64Array(1024))

  /** Appends one message's worth of steps. */
  append(part: MetricColumns): void {
    const added = part.step.length
    this.reserve(this.length + added)
    STEP_COLUMNS.forEach((name, i) => {
      this.columns[i].set(part[name], this.length)
    })
    this.length += added
  }

  /** A view of one column, valid until the next `append`. */
  column(name: MetricName): Float64Array {
    return this.columns[STEP_COLUMNS.indexOf(name)].subarray(0, this.length)
  }

  /** The newest value; NaN when there is none. */
  last(name: MetricName): number {
    return this.length > 0 ? this.column(name)[this.length - 1] : Number.NaN
  }

  private reserve(length: number): void {
    if (length <= this.columns[0].length) return
    let capacity = this.columns[0].length
    while (capacity < length) capacity *= 2
    this.columns = this.columns.map((old) => {
      const grown = new Float64Array(capacity)
      grown.set(old)
      return grown
    })
  }
}

let histories: Record<RunKey, RunHistory> = {}

/** The history of a run of the session; empty where it has taken no step. */
export function historyOf(run: RunKey): RunHistory {
  histories[run] ??= new RunHistory()
  return histories[run]
}

export function forgetHistories(): void {
  histories = {}
}
