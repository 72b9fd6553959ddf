/** Collects rows of all runs until the next message, and packs them as one array per column. */
import { MetricsBuffer } from '../../core/runs/metricsBuffer'
import type { MetricColumns, RunKey, StepMetrics } from '../protocol'

export type RunColumns = Partial<Record<RunKey, MetricColumns>>

export class MetricsBatch {
  readonly #rows = new Map<RunKey, MetricsBuffer>()

  add(run: RunKey, rows: readonly StepMetrics[]): void {
    let buffer = this.#rows.get(run)
    if (!buffer) {
      buffer = new MetricsBuffer()
      this.#rows.set(run, buffer)
    }
    for (const row of rows) buffer.push(row)
  }

  /** What was added since the last call; undefined when that is nothing. The arrays are the caller's to transfer. */
  take(): RunColumns | undefined {
    const columns: RunColumns = {}
    let any = false
    for (const [run, buffer] of this.#rows) {
      if (buffer.length === 0) continue
      columns[run] = buffer.columns()
      buffer.clear()
      any = true
    }
    return any ? columns : undefined
  }
}
