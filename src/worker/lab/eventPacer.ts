/**
 * The way out of the worker: metrics, and what comes with every evaluation, are held back and leave together every
 * 150 ms, since epochs may be shorter than what the page takes to draw one. Everything else leaves at once, after what
 * came before it, so that the page sees things in the order in which they happened.
 */
import type { SessionProgress } from '../../core/session/sessionTypes'
import type { LabEvent, MetricColumns, RunKey, StepMetrics } from '../protocol'
import { MetricsBatch } from './metricsBatch'

const EVERY_MS = 150

/** Of runs that train, as often as they are evaluated or written. */
const PACED: ReadonlySet<LabEvent['type']> = new Set([
  'evaluation',
  'kept',
  'keeping',
  'edges',
  'epochLines',
  'ways',
])

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
  #held: LabEvent[] = []
  /** Runs of whose weights the page has a copy. */
  #copied = new Set<RunKey>()
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
    if (event.type === 'session') this.#copied.clear()
    if (!this.#maySend(event)) {
      this.#held = [...this.#held.filter((held) => !supersedes(event, held)), event]
      this.#wake()
      return
    }
    this.flush()
    this.#listener(event)
  }

  #maySend(event: LabEvent): boolean {
    if (event.type === 'keeping' && event.news.note) return true
    // Until there is a copy of a run, all of it would be lost with the worker.
    if (event.type !== 'kept' || this.#copied.has(event.weights.key)) return !PACED.has(event.type)
    this.#copied.add(event.weights.key)
    return true
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const columns = this.#batch.take()
    if (columns) this.#listener({ type: 'metrics', columns, ...this.#speed })
    if (this.#evaluating) this.#listener({ type: 'evaluating', ...this.#evaluating })
    this.#evaluating = undefined
    const held = this.#held
    this.#held = []
    for (const event of held) this.#listener(event)
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
    this.#held = []
    this.#evaluating = undefined
    this.#speed = STANDSTILL
  }
}

/** Whether the newer says all that the older does. */
const supersedes = (newer: LabEvent, older: LabEvent): boolean =>
  newer.type === 'kept' && older.type === 'kept'
    ? newer.weights.key === older.weights.key
    : newer.type === older.type && (newer.type === 'keeping' || newer.type === 'ways')
