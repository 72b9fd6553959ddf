/**
 * metrics.csv of a run: a line a step, evaluations on the line of their step; the columns of the page's export.
 * A line waits until the next one comes, because its evaluation may still be made.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CsvValue, csvLine } from '../../core/formats/csv'
import {
  EVALUATION_COLUMNS,
  type EvalMetrics,
  type RunKey,
  STEP_COLUMNS,
  type StepMetrics,
} from '../../core/runs/metrics'
import { writeWhole } from './runFolder'

const HEADER = csvLine(['run', ...STEP_COLUMNS, ...EVALUATION_COLUMNS])
const FIRST_STEP_COLUMN = 1
const WIDTH = 1 + STEP_COLUMNS.length + EVALUATION_COLUMNS.length

export class MetricsFile {
  readonly #path: string
  readonly #run: RunKey
  #waiting: StepMetrics | undefined
  #evaluation: EvalMetrics | undefined
  #text = ''

  /**
   * @param folder the run's
   * @param resumed where the run goes on: what an earlier process wrote beyond that is cut off
   * @returns the file, and the rows it already holds
   */
  static open(
    folder: string,
    run: RunKey,
    resumed: { step: number; evaluatedAt: number },
  ): { file: MetricsFile; rows: StepMetrics[] } {
    const file = new MetricsFile(folder, run)
    return { file, rows: file.#continueAt(resumed) }
  }

  private constructor(folder: string, run: RunKey) {
    this.#path = join(folder, 'metrics.csv')
    this.#run = run
  }

  addRows(rows: readonly StepMetrics[]): void {
    for (const row of rows) {
      this.#settle()
      this.#waiting = row
    }
  }

  /** Of the last row. */
  addEvaluation(metrics: EvalMetrics): void {
    this.#evaluation = metrics
  }

  /** Writes everything but the line that waits. */
  flush(): void {
    if (this.#text) appendFileSync(this.#path, this.#text)
    this.#text = ''
  }

  /** Writes everything; the run ends here, or goes on in another process. */
  close(): void {
    this.#settle()
    this.flush()
  }

  #settle(): void {
    const row = this.#waiting
    if (!row) return
    const evaluation = this.#evaluation?.step === row.step ? this.#evaluation : undefined
    const values: CsvValue[] = [
      this.#run,
      ...STEP_COLUMNS.map((name) => row[name]),
      ...EVALUATION_COLUMNS.map((name) => evaluation?.[name]),
    ]
    this.#text += csvLine(values)
    this.#waiting = undefined
  }

  #continueAt({ step, evaluatedAt }: { step: number; evaluatedAt: number }): StepMetrics[] {
    const old = existsSync(this.#path) ? readFileSync(this.#path, 'utf8').split('\n') : []
    const kept: string[] = []
    const rows: StepMetrics[] = []
    for (const line of old.slice(1)) {
      const fields = line.split(',')
      const row = toRow(fields)
      // A process that was killed may have left half a line.
      const next = Number.isInteger(row.step) && row.step > (rows.at(-1)?.step ?? 0)
      if (fields.length !== WIDTH || !next || row.step > step) break
      rows.push(row)
      kept.push(`${line}\n`)
    }
    if (rows.at(-1)?.step === step && evaluatedAt < step) {
      kept.pop()
      this.#waiting = rows.at(-1)
    }
    writeWhole(this.#path, HEADER + kept.join(''))
    return rows
  }
}

function toRow(fields: readonly string[]): StepMetrics {
  const entries = STEP_COLUMNS.map((name, i) => {
    const text = fields[FIRST_STEP_COLUMN + i]
    return [name, text === undefined || text === '' ? Number.NaN : Number(text)]
  })
  return Object.fromEntries(entries) as StepMetrics
}
