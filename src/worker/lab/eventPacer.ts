/**
 * The way out of the worker: metrics are held back and leave together every 150 ms; everything else leaves at once,
 * after the metrics that came before it, so that the page sees things in the order in which they happened.
 */
import type { SessionProgress } from '../../core/session/sessionTypes'
import type { LabEvent, MetricColumns, RunKey, StepMetrics } from '../protocol'
import { MetricsBatch } from './metricsBatch'

const EVERY_MS = 150

type Listener = (event: LabEvent) => void
type Speed = Pick<
  SessionProgress,
  'stepsPerSecond' | 'imagesPerSecond' | 'secondsLeft' | 'dataWaitShare' | 'warmUpSeconds'
>
const STANDSTILL: Speed = { stepsPerSecond: 0, imagesPerSecond: 0, secondsLeft: undefined, dataWaitShare: 0 }

export class EventPacer {
  #listener: Listener = () => {}
  #batch = new MetricsBatch()
  #speed = STANDSTILL
  #evaluating: { batchesDone: number; batchesTotal: number } | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  listen(listener: Listener): void {
    this.#listener = listener
  }

  /** Rows to go out with the next message. */
  add(run: RunKey, rows: readonly StepMetrics[]): void {
    this.#batch.add(run, rows)
    this.#wake()
  }

  /** The speed that goes out with the next rows; an evaluation's progress goes with the next message. */
  pace({
    phase,
    stepsPerSecond,
    imagesPerSecond,
    secondsLeft,
    dataWaitShare,
    warmUpSeconds,
    ...batches
  }: SessionProgress): void {
    this.#speed = { stepsPerSecond, imagesPerSecond, secondsLeft, dataWaitShare, warmUpSeconds }
    const { batchesDone, batchesTotal } = batches
    if (phase !== 'evaluation' || batchesDone === undefined || batchesTotal === undefined) return
    this.#evaluating = { batchesDone, batchesTotal }
    this.#wake()
  }

  send(event: LabEvent): void {
    this.flush()
    this.#listener(event)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const columns = this.#batch.take()
    if (columns) this.#listener({ type: 'metrics', columns, ...this.#speed })
    if (this.#evaluating) this.#listener({ type: 'evaluating', ...this.#evaluating })
    this.#evaluating = undefined
  }

  #wake(): void {
    this.#timer ??= setTimeout(() => this.flush(), EVERY_MS)
  }

  /** Whole histories, for a page that has just been told of a session. */
  tellAgain(runs: readonly { key: RunKey; history: { length: number; columns(): MetricColumns } }[]): void {
    this.#speed = STANDSTILL
    const told = runs.filter((run) => run.history.length > 0)
    if (told.length === 0) return
    const columns = Object.fromEntries(told.map((run) => [run.key, run.history.columns()]))
    this.#listener({ type: 'metrics', columns, ...STANDSTILL })
  }

  /** Drops what was held back: its session is gone. */
  forget(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#batch = new MetricsBatch()
    this.#evaluating = undefined
    this.#speed = STANDSTILL
  }
}
