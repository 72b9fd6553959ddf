/** Writes down what happens to one run: metrics.csv a line a step, TensorBoard events once an epoch. */
import { appendFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { encodeFileHeader, encodeScalar } from '../../core/formats/tfevents'
import type { EvalMetrics, StepMetrics } from '../../core/runs/metrics'
import type { RunSpec } from '../../core/runs/runSpec'
import { EpochMeans, evaluationScalars, type Scalars } from './epochMeans'
import { MetricsFile } from './metricsFile'

export interface RecorderOptions {
  /** The run's folder; it exists. */
  folder: string
  spec: RunSpec
  stepsPerEpoch: number
  /** Whether the moving average is what is evaluated. */
  averaged: boolean
  resumed: { step: number; evaluatedAt: number }
}

/** Event files of this process so far; a part of their names. */
let eventFiles = 0

export class RunRecorder {
  readonly #options: RecorderOptions
  readonly #metrics: MetricsFile
  readonly #events: string
  readonly #means = new EpochMeans()

  constructor(options: RecorderOptions) {
    const { folder, spec, stepsPerEpoch, resumed } = options
    this.#options = options
    const { file, rows } = MetricsFile.open(folder, spec.key, resumed)
    this.#metrics = file
    // The epoch under way began in another process; its means are of all its steps.
    const epochStart = Math.floor(resumed.step / stepsPerEpoch) * stepsPerEpoch
    for (const row of rows) if (row.step > epochStart) this.#means.add(row)
    const now = seconds()
    const name = `events.out.tfevents.${Math.floor(now)}.${hostname()}.${process.pid}.${eventFiles++}.v2`
    this.#events = join(folder, name)
    appendFileSync(this.#events, encodeFileHeader(now))
  }

  addRows(rows: readonly StepMetrics[]): void {
    const { stepsPerEpoch, spec } = this.#options
    this.#metrics.addRows(rows)
    for (const row of rows) {
      this.#means.add(row)
      if (row.step % stepsPerEpoch === 0) {
        this.#write(row.step, this.#means.finish(spec.config.sam_rho > 0))
        this.#metrics.flush()
      }
    }
  }

  addEvaluation(metrics: EvalMetrics): void {
    this.#metrics.addEvaluation(metrics)
    this.#write(metrics.step, evaluationScalars(metrics, this.#options.averaged))
  }

  close(): void {
    this.#metrics.close()
  }

  #write(step: number, scalars: Scalars): void {
    const records = scalars.map(([tag, value]) => encodeScalar(seconds(), step, tag, value))
    appendFileSync(this.#events, Buffer.concat(records))
  }
}

const seconds = () => Date.now() / 1000
