/** How far a measure is whose work is not all known when it begins, told a few times a second. */
import type { Finding, MeasureProgress } from './measure'

const PROGRESS_EVERY_MS = 250

export class Meter<V> {
  readonly #started = performance.now()
  #reported = Number.NEGATIVE_INFINITY
  #done = 0

  constructor(
    private readonly findings: Finding<V>[],
    /** What will be done as far as is known. */
    public total: number,
    private readonly onProgress: (progress: MeasureProgress<V>) => void,
  ) {
    this.tell()
  }

  /** So much is done, from the beginning. */
  reach(done: number): void {
    this.#done = done
    this.total = Math.max(this.total, done)
    if (performance.now() - this.#reported >= PROGRESS_EVERY_MS) this.tell()
  }

  tell(finished = false): void {
    this.#reported = performance.now()
    const seconds = (this.#reported - this.#started) / 1000
    const left = this.total - this.#done
    const secondsLeft = this.#done > 0 ? (seconds / this.#done) * left : undefined
    this.onProgress({ done: this.#done, total: this.total, secondsLeft, findings: this.findings, finished })
  }
}
