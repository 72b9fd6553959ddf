/**
 * A coarse line through every run at the end of each epoch, while it trains: basins as they come to be. Epochs are
 * passed over where the lines would take more than a small part of the training's time; a Pause or Stop ends one at
 * once, and it is taken when training goes on.
 */
import { toPlain } from '../../base/errors'
import { LineWatch, WATCHED_LINE } from '../../core/landscape/lineWatch'
import type { RunKey } from '../../core/runs/metrics'
import type { Session } from '../../core/session/session'
import type { SessionRun } from '../../core/session/sessionRun'
import * as tf from '../../engine/tf'
import type { DeviceInfo, EpochLinesNews } from '../protocol'

/** Of the training's time, but for the first of each run, in which kernels and our own code are compiled. */
const MOST_SHARE = 0.03
const FOR_FREE = 2
/** The host scales the direction, weight by weight: of more than these it would be felt. */
const MOST_PARAMETERS = 5e6

export interface EpochLinesOptions {
  session: Session
  device: Pick<DeviceInfo, 'backend'>
  tell(news: EpochLinesNews): void
  mostShare?: number
}

export class EpochLines {
  readonly #options: EpochLinesOptions
  readonly #watch = new LineWatch()
  /** Whether lines are taken, by epochs that runs have come to; they are there together or not at all. */
  readonly #taken = new Map<number, boolean>()
  /** The step of each run's newest. */
  readonly #takenAt = new Map<RunKey, number>()
  #off: string | undefined
  /** Seconds of those that count, all together and the least of one. */
  #spent = 0
  #least: number | undefined
  /** How many of each run. */
  readonly #count = new Map<RunKey, number>()
  #lastEpoch = 0
  #passed = 0

  constructor(options: EpochLinesOptions) {
    this.#options = options
    this.#off = whyOff(options)
    if (this.#off) this.#tell()
  }

  /** Whether the loop should stand still for one. */
  get due(): boolean {
    return this.#off === undefined && this.#options.session.runs.some((run) => this.#isDue(run))
  }

  /** All runs stand still, nothing is unread. Training goes on whatever becomes of it. */
  async measure(interrupted: () => boolean): Promise<void> {
    try {
      for (const run of this.#options.session.runs) {
        if (interrupted() || this.#off !== undefined) return
        if (this.#isDue(run)) await this.#measureRun(run, interrupted)
      }
    } catch (error) {
      this.#off = `Basins are not drawn while it trains: ${toPlain(error).message}.`
      this.#tell()
    }
  }

  dispose(): void {
    this.#watch.dispose()
  }

  async #measureRun(run: SessionRun, interrupted: () => boolean): Promise<void> {
    const { key, step, config, network, dataset, lane, evaluated } = run
    const [theta, batchStats] = [evaluated.theta.clone(), evaluated.batchStats.clone()]
    const watched = { config, network, dataset, theta, batchStats, threads: lane.threads }
    const count = this.#count.get(key) ?? 0
    const began = performance.now()
    try {
      const loss = await this.#watch.measure(watched, interrupted)
      const took = (performance.now() - began) / 1000
      if (count >= FOR_FREE) this.#spent += took
      if (!loss) return
      if (count >= FOR_FREE) this.#least = Math.min(took, this.#least ?? took)
      this.#count.set(key, count + 1)
      this.#takenAt.set(key, step)
      this.#tell({ run: key, epoch: step / lane.stepsPerEpoch, loss })
    } finally {
      tf.dispose([theta, batchStats])
    }
  }

  #isDue({ key, step, live, lane }: SessionRun): boolean {
    const epoch = step / lane.stepsPerEpoch
    if (!live || step === 0 || !Number.isInteger(epoch) || this.#takenAt.get(key) === step) return false
    const known = this.#taken.get(epoch)
    if (known !== undefined) return known
    const taken = epoch >= this.#lastEpoch + this.#stride(epoch)
    this.#taken.set(epoch, taken)
    if (taken) this.#lastEpoch = epoch
    else this.#passed++
    return taken
  }

  /** Every how many epochs lines are taken. Of a machine that is busy with other things, training slows down as they do. */
  #stride(epoch: number): number {
    const { session, mostShare = MOST_SHARE } = this.#options
    if (this.#least === undefined || this.#trained === 0) return 1
    const lines = this.#least * session.runs.length
    return Math.max(1, Math.ceil(lines / ((mostShare * this.#trained) / epoch)))
  }

  get #trained(): number {
    return this.#options.session.runs.reduce((sum, { seconds }) => sum + seconds, 0)
  }

  /** The part of the time that lines and training take together. */
  get #share(): number {
    return this.#spent > 0 ? this.#spent / (this.#spent + this.#trained) : 0
  }

  #tell(line?: EpochLinesNews['line']): void {
    this.#options.tell({
      a: this.#watch.a.slice(),
      images: Math.min(
        WATCHED_LINE.num_images,
        ...this.#options.session.runs.map(({ dataset }) => dataset.train.count),
      ),
      passed: this.#passed,
      share: this.#share,
      ...(line && { line }),
      ...(this.#off && { off: this.#off }),
    })
  }
}

function whyOff({ session, device }: EpochLinesOptions): string | undefined {
  if (device.backend === 'cpu') return 'Plain JavaScript is too slow to draw basins while it trains.'
  if (session.runs.some(({ network }) => network.params.size > MOST_PARAMETERS))
    return 'This network is too large to draw its basin while it trains.'
  return undefined
}
