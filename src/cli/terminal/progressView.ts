/**
 * How training looks in a terminal: a bar that moves, or, where output is a file, a line an evaluation and a line
 * whenever nothing was written for half a minute.
 */
import { SingleBar } from 'cli-progress'
import type { EdgeMetrics, EvalMetrics, RunKey, StepMetrics } from '../../core/runs/metrics'
import type { Session } from '../../core/session/session'
import type { SessionProgress } from '../../core/session/sessionTypes'

/** Steps that the shown loss is the mean of. */
const SMOOTHED = 50
/** Milliseconds of silence that a log may have. */
const SILENCE = 30_000
const FIRST_STEP = 'first step: its kernels are compiled'

export interface ProgressStream {
  isTTY?: boolean
  write(text: string): unknown
}

export class ProgressView {
  readonly #out: ProgressStream
  readonly #bar: SingleBar | undefined
  readonly #losses = new Map<RunKey, number[]>()
  #startedAt = 0
  #startStep = 0
  #totalSteps = 0
  #stepsPerEpoch = 1
  #dataWaitShare = 0
  /** What the run is at, in words. */
  #now = FIRST_STEP
  #step = 0
  #writtenAt = 0
  #beat: ReturnType<typeof setInterval> | undefined

  constructor(out: NodeJS.WriteStream | ProgressStream) {
    this.#out = out
    if (out.isTTY) {
      this.#bar = new SingleBar({
        format: 'epoch {epoch} {bar} {percentage}% | {value}/{total} steps | {numbers}',
        stream: out as NodeJS.WriteStream,
        barsize: 24,
        hideCursor: true,
        gracefulExit: false,
        clearOnComplete: true,
      })
    }
  }

  /** A line of its own, above the bar. */
  line(text: string): void {
    this.#writtenAt = performance.now()
    if (!this.#bar?.isActive) this.#out.write(`${text}\n`)
    else {
      this.#out.write(`\r\u001b[K${text}\n`)
      this.#bar.render()
    }
  }

  start({ behind }: Session): void {
    const { step, totalSteps, lane } = behind
    this.#startedAt = performance.now()
    this.#startStep = step
    this.#totalSteps = totalSteps
    this.#stepsPerEpoch = lane.stepsPerEpoch
    this.#step = step
    this.#bar?.start(totalSteps, step, { epoch: this.#epoch(step), numbers: this.#now })
    if (this.#bar) return
    this.#beat = setInterval(() => this.#breakSilence(), SILENCE / 10)
    this.#beat.unref()
  }

  #breakSilence(): void {
    if (performance.now() - this.#writtenAt < SILENCE) return
    const since = duration((performance.now() - this.#startedAt) / 1000)
    this.line(`step ${this.#step}/${this.#totalSteps}  ${this.#now}  ${since} since the start`)
  }

  rows(run: RunKey, rows: readonly StepMetrics[]): void {
    const losses = this.#losses.get(run) ?? []
    losses.push(...rows.map(({ loss }) => loss))
    this.#losses.set(run, losses.slice(-SMOOTHED))
  }

  progress({ step, phase, dataWaitShare, batchesDone, batchesTotal }: SessionProgress): void {
    this.#dataWaitShare = dataWaitShare
    this.#step = step
    this.#now =
      phase === 'evaluation'
        ? `evaluating ${batchesDone ?? 0}/${batchesTotal ?? '?'} batches`
        : `${this.#lossText()} | ${this.#paceText(step)}`
    this.#bar?.update(step, { epoch: this.#epoch(step), numbers: this.#now })
  }

  /** Kernels are timed before their first use; a line where nothing moves, else on the bar. */
  tuning(done: number, total: number): void {
    const text = done < total ? `Timing kernels ${done + 1}/${total}` : `Timed kernels for ${total} shapes`
    if (!this.#bar || done === total) this.line(text)
    else this.#bar.update({ numbers: text })
  }

  evaluation(run: RunKey, metrics: EvalMetrics, final: boolean): void {
    const { step, testErrorRate, testCount, trainErrorRate, memorised } = metrics
    const losses = this.#losses.get(run) ?? []
    const parts = [
      final ? 'final' : `epoch ${Math.round(metrics.epoch)}/${this.#totalSteps / this.#stepsPerEpoch}`,
      `step ${step}/${this.#totalSteps}`,
      losses.length > 0 ? `loss ${mean(losses).toFixed(4)}` : '',
      `test error ${percent(testErrorRate)} of ${testCount}`,
      trainErrorRate === undefined ? '' : `training error ${percent(trainErrorRate)}`,
      memorised === undefined ? '' : `wrong labels learned ${percent(memorised)}`,
      this.#paceText(step),
    ]
    this.line(`${run}  ${parts.filter(Boolean).join('  ')}`)
  }

  /** λ₁ beside its edges. */
  edge(run: RunKey, metrics: EdgeMetrics): void {
    const { step, topEigenvalue, stabilityEdge, samEdge, batchSharpness } = metrics
    const parts = [
      `step ${step}/${this.#totalSteps}`,
      `λ₁ ${topEigenvalue.toPrecision(4)}`,
      stabilityEdge === undefined ? '' : `edge ${stabilityEdge.toPrecision(4)}`,
      samEdge === undefined ? '' : `SAM’s ${samEdge.toPrecision(4)}`,
      batchSharpness === undefined ? '' : `batch sharpness ${batchSharpness.toPrecision(4)}`,
    ]
    this.line(`${run}  ${parts.filter(Boolean).join('  ')}`)
  }

  stop(): void {
    clearInterval(this.#beat)
    this.#bar?.stop()
  }

  #epoch(step: number): string {
    const epochs = this.#totalSteps / this.#stepsPerEpoch
    return `${Math.min(epochs, Math.floor(step / this.#stepsPerEpoch) + 1)}/${epochs}`
  }

  #lossText(): string {
    return [...this.#losses].map(([run, losses]) => `${run} loss ${mean(losses).toFixed(4)}`).join(', ')
  }

  /** Over everything since the start, evaluations too: that is what the rest will take. */
  #paceText(step: number): string {
    const elapsed = (performance.now() - this.#startedAt) / 1000
    const done = step - this.#startStep
    if (done <= 0 || elapsed <= 0) return ''
    const left = ((this.#totalSteps - step) * elapsed) / done
    const waiting = `${(100 * this.#dataWaitShare).toFixed(1)} % waiting for data`
    return `${(done / elapsed).toPrecision(3)} steps/s  ${duration(left)} left  ${waiting}`
  }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

export const percent = (rate: number) => `${(100 * rate).toFixed(2)} %`

/** `42 s`, `3 min 5 s`, `2 h 10 min` */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
