/** Progress with speed and time left, a few times a second. */
import type { ImportStatus } from '../dataProtocol'

const EVERY_MS = 150

export class ImportMeter {
  readonly #startedAt = performance.now()
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly phase: ImportStatus['phase'],
    private readonly onStatus: (status: ImportStatus) => void,
  ) {}

  tell(progress: { bytesDone: number; bytesTotal: number; imagesDone?: number; imagesTotal?: number }): void {
    const now = performance.now()
    const { bytesDone, bytesTotal, imagesDone = 0, imagesTotal = 0 } = progress
    if (now - this.#toldAt < EVERY_MS && bytesDone < bytesTotal) return
    this.#toldAt = now
    const seconds = (now - this.#startedAt) / 1000
    const bytesPerSecond = seconds > 0.2 ? bytesDone / seconds : 0
    const secondsLeft = bytesPerSecond > 0 ? (bytesTotal - bytesDone) / bytesPerSecond : undefined
    this.onStatus({
      phase: this.phase,
      bytesDone,
      bytesTotal,
      imagesDone,
      imagesTotal,
      bytesPerSecond,
      secondsLeft,
    })
  }
}
