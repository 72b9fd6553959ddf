/**
 * The kept runs of a lab: its session's as they are written, and those that stand there without one, because a page was
 * closed on them or because another tab trains them.
 */
import { toPlain } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import { differingFields } from '../../core/config/validate'
import { RunDocument } from '../../core/library/document'
import {
  changeRecord,
  type GoingExperiment,
  goingExperiments,
  markEnded,
  markInterrupted,
} from '../../core/library/goingRuns'
import type { RunKey } from '../../core/runs/metrics'
import type { Session } from '../../core/session/session'
import type { KeepingNews, LabState } from '../protocol'
import { refused } from './commandQueue'
import type { EventPacer } from './eventPacer'
import { Follower } from './follower'
import type { FoundMeasures } from './foundMeasures'
import { Keeper } from './keeper'
import type { KeepingPlace, Release } from './keepingPlace'
import { keptInfo, offerOf, tellCurves } from './keptReport'
import { claimAll, experimentsOf, forkSource, keptSource, type SessionSource } from './sessionSource'

/** What a worker that was ended takes to let go of its runs. */
const CLAIM_MS = 5000

/** Runs that stand interrupted, claimed. */
interface Interrupted {
  experiment: string
  ids: string[]
  release: Release
}

export class KeptRuns {
  #keeper: Keeper | undefined
  /** The last keeper's writing. */
  #closing: Promise<void> | undefined
  #interrupted: Interrupted | undefined
  #follower: Follower | undefined

  constructor(
    private readonly place: KeepingPlace | undefined,
    private readonly out: EventPacer,
    private readonly found: FoundMeasures,
    private readonly setState: (state: LabState) => void,
  ) {}

  get keeper(): Keeper | undefined {
    return this.#keeper
  }

  /**
   * Shows what was going when the last page was closed, and offers what it does not show. Without it the page is as it
   * always was, so nothing here fails its opening.
   * @param link what the address asks for
   */
  async greet(link: RunConfig | undefined): Promise<void> {
    if (!this.place) return
    try {
      const { free, elsewhere, damaged } = await this.#whatWasGoing(this.place)
      const offers = elsewhere.map((going) => offerOf(going, true))
      if (damaged.length > 0)
        this.#hint(`A run that was going cannot be read and is set aside: ${damaged.join('; ')}.`)
      const asked = free && (!link || differingFields(link, free.going.runs[0].record.session).length === 0)
      if (free && asked) await this.#stand(this.place, free.going, free.release)
      else if (free) {
        free.release()
        offers.unshift(offerOf(free.going, false))
      }
      if (offers.length > 0) this.out.send({ type: 'offers', offers })
    } catch (error) {
      this.#hint(`What was going before could not be looked for: ${toPlain(error).message}.`)
    }
  }

  /**
   * Kept runs for a session; undefined where another tab trains them.
   * @param drop lets go of the session that stands
   * @param ids absent: those that stand interrupted, and what else belongs to their session
   */
  async source(
    command: string,
    ids: readonly string[] | undefined,
    drop: () => Promise<void>,
  ): Promise<SessionSource | undefined> {
    const place = this.#placeFor(command)
    const whole = ids === undefined
    const wanted = ids ?? this.#interrupted?.ids
    if (!wanted || wanted.length === 0) throw refused(command, 'runs that are kept, got none')
    const experiments = await experimentsOf(place, wanted)
    // A worker that has just been ended may still have to let go of what is to go on.
    const patience = command === 'continue' ? AbortSignal.timeout(CLAIM_MS) : undefined
    const release = await this.#claim(place, experiments, drop, patience)
    if (!release) return undefined
    try {
      return await keptSource(place, wanted, release, whole, (line) => this.#hint(line))
    } catch (error) {
      release()
      throw error
    }
  }

  forkSource(id: string, step: number, config: RunConfig): Promise<SessionSource> {
    return forkSource(this.#placeFor('fork'), id, step, config)
  }

  /** Shows runs as another tab trains them. */
  async follow(ids: readonly string[]): Promise<void> {
    const place = this.#placeFor('open')
    const [experiment] = await experimentsOf(place, ids)
    const onFree = (release: Release) => {
      this.#follower = undefined
      void this.#takeOver(place, experiment, release)
    }
    this.#follower = new Follower({ place, experiment, ids, out: this.out, onFree })
    await this.#follower.begin()
    this.setState('following')
  }

  /** From here on what happens to the session is written. */
  keep(session: Session, { experiment, documents, release, parent }: SessionSource, device: string): void {
    const { place } = this
    if (!place) return
    const keeper: Keeper = new Keeper({
      place,
      session,
      circumstances: { experiment, device, ...(parent && { parent }) },
      documents,
      release,
      tell: (news: KeepingNews) => {
        if (keeper === this.#keeper) this.out.send({ type: 'keeping', news })
      },
    })
    this.#keeper = keeper
    keeper.announce()
  }

  /** Runs that stood there go; what is kept of them stays. */
  async drop(): Promise<void> {
    this.#follower?.stop()
    this.#follower = undefined
    const shown = this.#interrupted
    this.#interrupted = undefined
    if (shown) {
      await markEnded(this.place!.files, shown.experiment).catch(() => {})
      shown.release()
    }
    await this.#keeper?.settle('stopped').catch(() => {})
    this.abandon()
  }

  /** The session is gone as it is: its runs are found at the next opening, or gone on with by whoever claims them. */
  abandon(): void {
    const keeper = this.#keeper
    this.#keeper = undefined
    this.#closing = keeper?.close()
  }

  /** They are not offered at the next opening. */
  async letGo(experiment: string): Promise<void> {
    const place = this.#placeFor('letGo')
    const release = await place.claim(experiment, AbortSignal.timeout(CLAIM_MS))
    if (!release) return
    const going = (await goingExperiments(place.files)).find((one) => one.experiment === experiment)
    for (const { folder } of going?.runs ?? []) await changeRecord(place.files, folder, { state: 'stopped' })
    await markEnded(place.files, experiment)
    release()
  }

  /** The newest that nobody trains, claimed; those that another tab has; what cannot be read. */
  async #whatWasGoing(place: KeepingPlace) {
    let free: { going: GoingExperiment; release: Release } | undefined
    const elsewhere: GoingExperiment[] = []
    const damaged: string[] = []
    for (const going of await goingExperiments(place.files)) {
      const release = await place.claim(going.experiment)
      if (!release && going.trains) elsewhere.push(going)
      if (!release) continue
      damaged.push(...going.damaged)
      await markInterrupted(place.files, going)
      // It is said once; the list of runs has it from here on.
      if (going.runs.length === 0) await markEnded(place.files, going.experiment)
      if (!free && going.runs.length > 0) free = { going, release }
      else release()
    }
    return { free, elsewhere, damaged }
  }

  async #stand(place: KeepingPlace, going: GoingExperiment, release: Release): Promise<void> {
    const documents = new Map<RunKey, RunDocument>()
    for (const { folder, record } of going.runs) {
      const document = await RunDocument.open(place.files, folder)
      if (document) documents.set(record.key, document)
    }
    const { experiment } = going
    const ids = [...documents.values()].map(({ record }) => record.id)
    this.#interrupted = { experiment, ids, release }
    const records = new Map([...documents].map(([key, { record }]) => [key, record]))
    this.out.send({ type: 'session', info: keptInfo(records) })
    // What lies beyond the checkpoint is trained again.
    for (const [key, document] of documents) await tellCurves(key, document, this.out, document.record.step)
    await this.found.restore(documents)
    this.setState('interrupted')
  }

  async #takeOver(place: KeepingPlace, experiment: string, release: Release): Promise<void> {
    try {
      const going = (await goingExperiments(place.files)).find((one) => one.experiment === experiment)
      if (going && going.runs.length > 0) {
        await markInterrupted(place.files, going)
        return await this.#stand(place, going, release)
      }
    } catch (error) {
      this.#hint(`These runs cannot be taken over: ${toPlain(error).message}.`)
    }
    release()
    this.setState('stopped')
  }

  /** Held already by what stands here, or asked for. */
  async #claim(
    place: KeepingPlace,
    experiments: readonly string[],
    drop: () => Promise<void>,
    patience: AbortSignal | undefined,
  ): Promise<Release | undefined> {
    const shown = this.#interrupted
    if (shown && experiments.length === 1 && experiments[0] === shown.experiment) {
      this.#interrupted = undefined
      return shown.release
    }
    if (this.#keeper && experiments.includes(this.#keeper.experiment)) {
      await drop()
      await this.#closing
    }
    return claimAll(place, experiments, patience)
  }

  #placeFor(command: string): KeepingPlace {
    if (!this.place) throw refused(command, 'only where runs are kept')
    return this.place
  }

  #hint(message: string): void {
    this.out.send({ type: 'hint', key: 'kept-runs', message })
  }
}
