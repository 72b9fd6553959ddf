/** How far a measure is, in a terminal: a line that moves, or where output is a file, a line every half minute. */
import type { MeasureProgress } from '../../core/landscape/measures/measure'
import { duration, type ProgressStream } from './progressView'

const SILENCE = 30_000

export class MeasureLine {
  #writtenAt = performance.now()

  constructor(
    private readonly out: ProgressStream,
    private readonly unit: string,
  ) {}

  show({ done, total, secondsLeft, finished }: Omit<MeasureProgress, 'findings'>): void {
    const left = secondsLeft === undefined || finished ? '' : `, ${duration(secondsLeft)} left`
    const text = `${done} of ${total} ${this.unit}${left}`
    if (this.out.isTTY) this.out.write(`\r\u001b[K${text}${finished ? '\n' : ''}`)
    else if (finished || performance.now() - this.#writtenAt >= SILENCE) {
      this.#writtenAt = performance.now()
      this.out.write(`${text}\n`)
    }
  }
}
