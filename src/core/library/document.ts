/**
 * A run as a folder: settings, curves, checkpoints, measures. Training hands it what happens and goes on; it writes
 * behind, one thing after the other, and an error is met by whoever asks whether all is written. What is there stays
 * whole: files are replaced at once or grow at their end, and a checkpoint is known only when it lies there.
 */
import type { RunFiles } from '../ports'
import {
  type EdgeMetrics,
  EVALUATION_COLUMNS,
  type EvalMetrics,
  type RunKey,
  type StepMetrics,
} from '../runs/metrics'
import {
  type CheckpointContents,
  checkpointSum,
  saveAdditionalCheckpoint,
  saveCheckpoint,
} from './checkpoints'
import {
  edgeOf,
  evaluationOf,
  type MetricsLine,
  metricsHeader,
  metricsLine,
  readMetrics,
} from './metricsTable'
import { FILES, type RunRecord, readRecord, writeRecord } from './record'
import { saveWaypoint, type WaypointContents } from './waypoints'

/** What a run has been through, read back. */
export interface RunCurves {
  lines: MetricsLine[]
  evaluations: EvalMetrics[]
  edges: EdgeMetrics[]
}

export class RunDocument {
  #record: RunRecord
  #row: StepMetrics | undefined
  #evaluation: EvalMetrics | undefined
  #edge: EdgeMetrics | undefined
  /** Its table has the columns of λ₁. */
  #isWide = false
  #text = ''
  #best: number | undefined
  #last: StepMetrics | undefined
  #writing: Promise<void> = Promise.resolve()
  #waiting = 0
  #busyMs = 0
  #failure: unknown

  private constructor(
    readonly files: RunFiles,
    /** Its folder, with a slash at its end; empty where the files are this run's alone. */
    readonly folder: string,
    record: RunRecord,
  ) {
    this.#record = record
    this.#best = record.bestTestErrorRate
  }

  /**
   * A run that begins, by no step or by one that its curves do not hold; it is written behind like everything else.
   */
  static begin(files: RunFiles, folder: string, record: RunRecord): RunDocument {
    const document = new RunDocument(files, folder, record)
    document.#write(async () => {
      // First, so that nothing lies there that no record tells of.
      await files.put(folder + FILES.record, writeRecord(record))
      await files.put(folder + FILES.config, configText(record))
      await files.put(folder + FILES.metrics, new TextEncoder().encode(metricsHeader(false)))
    })
    return document
  }

  /**
   * A run that had no record yet; curves and checkpoints that lie there stay until `continueAt`.
   * @throws BasinError `storage`, `storage-full`
   */
  static async create(files: RunFiles, folder: string, record: RunRecord): Promise<RunDocument> {
    const document = new RunDocument(files, folder, record)
    await files.put(folder + FILES.config, configText(record))
    await files.put(folder + FILES.record, writeRecord(record))
    return document
  }

  /**
   * @returns undefined where there is no such run
   * @throws BasinError `file-format`, `unsupported`
   */
  static async open(files: RunFiles, folder: string): Promise<RunDocument | undefined> {
    const key = folder + FILES.record
    const bytes = await files.get(key)
    return bytes && new RunDocument(files, folder, readRecord(bytes, files.where(key)))
  }

  get record(): RunRecord {
    return this.#record
  }

  /** Something is still to be written. */
  get busy(): boolean {
    return this.#waiting > 0
  }

  /** Milliseconds in which writing kept its thread from anything else. */
  get busyMs(): number {
    return this.#busyMs
  }

  /** Changes what is known of the run; written with the next checkpoint, or by `save`. */
  note(changes: Partial<RunRecord>): void {
    this.#record = { ...this.#record, ...changes, updated: new Date().toISOString() }
  }

  addRows(rows: readonly StepMetrics[]): void {
    for (const row of rows) {
      this.#settleRow()
      this.#row = row
    }
  }

  /** Of the last row. */
  addEvaluation(metrics: EvalMetrics): void {
    this.#evaluation = metrics
    this.#best = Math.min(this.#best ?? Number.POSITIVE_INFINITY, metrics.testErrorRate)
    if (!this.#row && this.#last?.step === metrics.step) this.#complete(metrics.step, { evaluation: metrics })
  }

  /** Of the last row. */
  addEdge(metrics: EdgeMetrics): void {
    this.#edge = metrics
    const isLate = !this.#row && this.#last?.step === metrics.step
    const widens = !this.#isWide
    this.#isWide = true
    if (isLate) this.#complete(metrics.step, { edge: metrics })
    else if (widens) this.#rewrite((line) => line)
  }

  /** Curves so far but for the last row, whose evaluation may still come. */
  flush(): void {
    if (this.#text === '') return
    this.#write(async () => {
      const text = this.#text
      this.#text = ''
      try {
        if (text) await this.files.append(this.folder + FILES.metrics, new TextEncoder().encode(text))
      } catch (error) {
        // There may be room later; until then the curves are short, not broken.
        this.#text = text + this.#text
        throw error
      }
    })
  }

  /** A place to go on from: curves first, so that they reach at least as far. */
  saveCheckpoint(contents: CheckpointContents): void {
    const { step } = contents.snapshot
    this.#settleRow()
    this.flush()
    this.note(this.#summary())
    const record = this.#record
    this.#write(async () => {
      const sum = await checkpointSum(contents)
      await this.#counted(() => saveCheckpoint(this.files, this.folder, contents, sum))
      this.#record = { ...this.#record, step }
      await this.files.put(this.folder + FILES.record, writeRecord({ ...record, step }))
    })
  }

  /** Writes what is known of the run; of one that stands still its last row too. */
  save(changes: Partial<RunRecord> = {}): void {
    if (changes.state !== 'running') this.#settleRow()
    this.flush()
    this.note({ ...changes, ...this.#summary() })
    const record = this.#record
    this.#write(() => this.files.put(this.folder + FILES.record, writeRecord(record)))
  }

  /** Adds to a file of its folder. */
  append(name: string, bytes: Uint8Array): void {
    this.#write(() => this.files.append(this.folder + name, bytes))
  }

  /** In the place of a file of its folder. */
  replace(name: string, bytes: Uint8Array): void {
    this.#write(() => this.files.put(this.folder + name, bytes))
  }

  /** An extra checkpoint, which is never let go. */
  saveAdditional(epoch: number, contents: CheckpointContents): void {
    this.#write(() => saveAdditionalCheckpoint(this.files, this.folder, epoch, contents))
  }

  /** A point of its way, which stays. It was asked for, so its time is not that of keeping. */
  saveWaypoint(contents: WaypointContents): void {
    this.#write(() => saveWaypoint(this.files, this.folder, contents), false)
  }

  /** @param bytes an .npz */
  saveMeasure(name: string, bytes: Uint8Array): void {
    this.#write(() => this.files.put(`${this.folder}${FILES.measures}${name}.npz`, bytes))
  }

  /** Resolves when everything is written. @throws what went wrong first, once */
  async written(): Promise<void> {
    await this.#writing
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
  }

  /** Writes what is left, the last row too. */
  async close(): Promise<void> {
    this.#settleRow()
    this.flush()
    await this.written()
  }

  async curves(until = Number.POSITIVE_INFINITY): Promise<RunCurves> {
    const bytes = await this.files.get(this.folder + FILES.metrics)
    const lines = readMetrics(new TextDecoder().decode(bytes ?? new Uint8Array()), until)
    const { stepsPerEpoch, data } = this.#record
    const evaluations = lines.flatMap((line) => {
      const metrics = evaluationOf(line, { stepsPerEpoch, numTest: data.numTest })
      return metrics ? [metrics] : []
    })
    const edges = lines.flatMap((line) => edgeOf(line, stepsPerEpoch) ?? [])
    return { lines, evaluations, edges }
  }

  /**
   * Curves end where the run begins (0) or goes on: what an earlier process wrote beyond that is cut off.
   * @param evaluatedAt step of the last evaluation; one of `step` that is still to be made has its line left open
   */
  async continueAt(step: number, evaluatedAt: number): Promise<RunCurves> {
    const curves = await this.curves(step)
    const { lines } = curves
    const open = lines.at(-1)?.row.step === step && evaluatedAt < step
    this.#row = open ? lines.at(-1)?.row : undefined
    const whole = open ? lines.slice(0, -1) : lines
    this.#edge = open ? curves.edges.find((edge) => edge.step === step) : undefined
    this.#isWide = curves.edges.length > 0
    this.#last = whole.at(-1)?.row
    await this.files.put(
      this.folder + FILES.metrics,
      new TextEncoder().encode(tableText(this.#record.key, whole, this.#isWide)),
    )
    return curves
  }

  /** What was put off, when its line was written already. */
  #complete(step: number, more: Pick<MetricsLine, 'evaluation' | 'edge'>): void {
    this.#rewrite((line) => (line.row.step === step ? { ...line, ...more } : line))
  }

  #rewrite(change: (line: MetricsLine) => MetricsLine): void {
    this.flush()
    this.#write(async () => {
      const key = this.folder + FILES.metrics
      const lines = readMetrics(new TextDecoder().decode(await this.files.get(key)))
      const text = tableText(this.#record.key, lines.map(change), this.#isWide)
      await this.files.put(key, new TextEncoder().encode(text))
    })
  }

  #settleRow(): void {
    const row = this.#row
    if (!row) return
    const evaluation = this.#evaluation?.step === row.step ? this.#evaluation : undefined
    const edge = this.#edge?.step === row.step ? this.#edge : undefined
    this.#text += metricsLine(this.#record.key, { row, evaluation, edge }, this.#isWide)
    this.#last = row
    this.#row = undefined
  }

  #summary(): Partial<RunRecord> {
    const last = this.#row ?? this.#last
    const evaluation = this.#evaluation
    const gap = last && last.perturbedLoss - last.loss
    return {
      ...(last && {
        last: {
          gradientEvaluations: last.gradientEvaluations,
          seconds: last.seconds,
          gap: Number.isFinite(gap) ? gap! : (this.#record.last?.gap ?? null),
        },
      }),
      ...(evaluation && {
        evaluation: Object.fromEntries(
          EVALUATION_COLUMNS.flatMap((name) =>
            evaluation[name] === undefined ? [] : [[name, evaluation[name]]],
          ),
        ),
      }),
      ...(this.#best !== undefined && { bestTestErrorRate: this.#best }),
    }
  }

  #write(work: () => Promise<void>, counted = true): void {
    this.#waiting++
    this.#writing = this.#writing
      .then(() => (counted ? this.#counted(work) : work()))
      .catch((error) => {
        this.#failure ??= error
      })
      .finally(() => {
        this.#waiting--
      })
  }

  /** What is encoded and handed over is done when `work` has answered; the rest is others' work. */
  #counted(work: () => Promise<void>): Promise<void> {
    const began = performance.now()
    const written = work()
    this.#busyMs += performance.now() - began
    return written
  }
}

/** The lines of a run as its metrics.csv has them. */
function tableText(run: RunKey, lines: readonly MetricsLine[], wide: boolean): string {
  return metricsHeader(wide) + lines.map((line) => metricsLine(run, line, wide)).join('')
}

/** Settings by themselves, as the folders of earlier versions have them. */
const configText = ({ config }: RunRecord) =>
  new TextEncoder().encode(`${JSON.stringify(config, undefined, 2)}\n`)
