/** Writes down what happens to one run in its folder; beside its document TensorBoard's events, once an epoch. */
import { hostname } from 'node:os'
import { encodeFileHeader, encodeScalar } from '../../core/formats/tfevents'
import type { RunDocument } from '../../core/library/document'
import { EpochMeans, edgeScalars, evaluationScalars, type Scalars } from '../../core/library/epochMeans'
import type { MetricsLine } from '../../core/library/metricsTable'
import type { EdgeMetrics, EvalMetrics, StepMetrics } from '../../core/runs/metrics'

/** Event files of this process so far; a part of their names. */
let eventFiles = 0

export class RunRecorder {
  readonly #document: RunDocument
  readonly #events: string
  readonly #means = new EpochMeans()

  /** @param lines what an earlier process wrote; the means of the epoch under way are of all its steps */
  constructor(document: RunDocument, lines: readonly MetricsLine[]) {
    this.#document = document
    const { stepsPerEpoch } = document.record
    const done = lines.at(-1)?.row.step ?? 0
    const epochStart = Math.floor(done / stepsPerEpoch) * stepsPerEpoch
    for (const { row } of lines) if (row.step > epochStart) this.#means.add(row)
    const now = seconds()
    this.#events = `events.out.tfevents.${Math.floor(now)}.${hostname()}.${process.pid}.${eventFiles++}.v2`
    document.append(this.#events, encodeFileHeader(now))
  }

  addRows(rows: readonly StepMetrics[]): void {
    const { config, stepsPerEpoch } = this.#document.record
    this.#document.addRows(rows)
    for (const row of rows) {
      this.#means.add(row)
      if (row.step % stepsPerEpoch === 0) {
        this.#write(row.step, this.#means.finish(config.sam_rho > 0))
        this.#document.flush()
      }
    }
  }

  addEvaluation(metrics: EvalMetrics): void {
    this.#document.addEvaluation(metrics)
    this.#write(metrics.step, evaluationScalars(metrics, this.#document.record.config.ema_decay > 0))
  }

  addEdge(metrics: EdgeMetrics): void {
    this.#document.addEdge(metrics)
    this.#write(metrics.step, edgeScalars(metrics))
  }

  #write(step: number, scalars: Scalars): void {
    const records = scalars.map(([tag, value]) => encodeScalar(seconds(), step, tag, value))
    this.#document.append(this.#events, Buffer.concat(records))
  }
}

const seconds = () => Date.now() / 1000
