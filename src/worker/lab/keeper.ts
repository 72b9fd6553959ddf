/**
 * Keeps the runs of a session as they go: curves every other second, a checkpoint at every evaluation and at least every
 * 20 s, as long as that takes no more than a fiftieth of the training's time. Writing goes on behind; the loop stands
 * still only while states are copied from the device.
 */
import { BasinError } from '../../base/errors'
import { encodeMeasure } from '../../core/landscape/measures/measureFile'
import { recordedOf } from '../../core/landscape/measures/recorded'
import { RunDocument } from '../../core/library/document'
import { markEnded, markGoing } from '../../core/library/goingRuns'
import { type Circumstances, newRecord, parametersSum } from '../../core/library/newRecord'
import type { RunRecord, RunState } from '../../core/library/record'
import { type KeptWay, keptWay, type WaypointContents } from '../../core/library/waypoints'
import type { EdgeMetrics, EvalMetrics, RunKey, StepMetrics } from '../../core/runs/metrics'
import type { Session } from '../../core/session/session'
import type { SessionRun } from '../../core/session/sessionRun'
import type { RunSnapshot, Waypoint } from '../../core/session/sessionTypes'
import type { KeepingNews } from '../protocol'
import { HeldRuns } from './heldRuns'
import { KeepingCost, MOST_SHARE } from './keepingCost'
import type { KeepingPlace, Release } from './keepingPlace'
import { KeepingRoom } from './keepingRoom'
import { contentsOf, standingOf } from './keptState'
import type { FoundMeasure } from './measureRunner'
import { type Reminder, reminderOf } from './unfinished'

const CHECKPOINT_MS = 20_000
const CURVES_MS = 2000

export interface KeeperOptions {
  place: KeepingPlace
  session: Session
  circumstances: Omit<Circumstances, 'session'>
  /** Of runs that go on, cut to where they do. */
  documents?: ReadonlyMap<RunKey, RunDocument>
  /** Of the claim to these runs, which is held already. */
  release?: Release
  tell(news: KeepingNews): void
}

export class Keeper {
  readonly #options: KeeperOptions
  readonly #documents: Map<RunKey, RunDocument>
  /** Where each run was last saved. */
  readonly #saved = new Map<RunKey, { step: number; evaluatedAt: number; finished: boolean }>()
  /** The newest step of each run that is written. */
  readonly #keptTo = new Map<RunKey, number>()
  readonly #errors = new Map<RunKey, string>()
  readonly #held: HeldRuns
  /** Where a measure of these runs is remembered until it is done. */
  readonly reminder: Reminder
  /** Runs whose checkpoint was due when it could not be made. */
  readonly #owed = new Set<RunKey>()
  /** Where runs begin that have no document yet. */
  readonly #beginnings = new Map<RunKey, WaypointContents>()
  #release: Promise<Release | undefined>
  readonly #room: KeepingRoom
  /** Something was trained; nothing is left to train. */
  #begun = false
  #ended = false
  #closed = false
  /** How they came to stand. */
  #state: RunState = 'paused'
  #savedAt = performance.now()
  #flushedAt = performance.now()
  readonly #cost = new KeepingCost()
  /** The last checkpoints that were made together, and what had been spent before. */
  #round: { step: number; spent: number } | undefined

  constructor(options: KeeperOptions) {
    this.#options = options
    this.#documents = new Map(options.documents)
    const { place, session, circumstances, release } = options
    const stepOf = (run: RunKey) => session.run(run).step
    this.reminder = reminderOf(this.#documents, stepOf, () => this.mark())
    const { experiment } = circumstances
    this.#held = new HeldRuns(place)
    this.#room = new KeepingRoom({ place, runs: session.runs, experiment }, (note) => this.announce(note))
    this.#release = release ? Promise.resolve(release) : place.claim(experiment)
    for (const [key, { record }] of this.#documents) {
      this.#keptTo.set(key, record.step)
      const { step, evaluatedAt, finalAt } = session.run(key)
      if (record.step === step) this.#saved.set(key, { step, evaluatedAt, finished: finalAt !== undefined })
    }
  }

  get experiment(): string {
    return this.#options.circumstances.experiment
  }

  /** The part of the training's time that keeping takes. */
  get share(): number {
    return this.#cost.shareOf(this.#spent)
  }

  get #spent(): number {
    return this.#cost.spent(this.#busyMs)
  }

  get #busyMs(): number {
    return [...this.#documents.values()].reduce((sum, { busyMs }) => sum + busyMs, 0)
  }

  /** Whether more may be done with what is kept (KeepingCost.affords). */
  affords(ms: number, own: number): boolean {
    return this.#cost.affords(ms, own, this.#busyMs)
  }

  /** Something that is done with what is kept, and counted as keeping. */
  spend<T>(work: () => T): T {
    return this.#cost.add(work)
  }

  /** Training begins or goes on. A run that does not begin at its first weights is saved before its first step. */
  begin(): void {
    this.#cost.trainingBegins()
    this.#savedAt = performance.now()
    this.#begun = true
    this.#ended = false
    for (const { key, step } of this.#options.session.runs) {
      if (step > 0 && !this.#documents.has(key)) this.#owed.add(key)
    }
    for (const [key, document] of this.#documents) {
      this.#held.hold(key, document.record.id)
      // What was measured was of other weights than those that come.
      if (this.#options.session.run(key).going)
        document.save({ state: 'running', measured: undefined, unfinished: undefined })
    }
    this.mark()
    this.#room.begin()
    this.announce()
  }

  addRows(run: RunKey, rows: readonly StepMetrics[]): void {
    this.#cost.add(() => this.#document(run)?.addRows(rows))
    if (performance.now() - this.#flushedAt < CURVES_MS) return
    this.#flushedAt = performance.now()
    for (const [key, document] of this.#documents) {
      document.flush()
      this.#watch(key, document)
    }
  }

  addEvaluation(run: RunKey, metrics: EvalMetrics): void {
    this.#document(run)?.addEvaluation(metrics)
  }

  /** @returns whether it is kept */
  addWaypoint(run: RunKey, waypoint: Waypoint): boolean {
    if (this.#room.nothing || this.#room.curvesOnly || this.#room.noWay) return false
    const { session, circumstances } = this.#options
    const { network, config } = session.run(run)
    const document = this.#documents.get(run)
    const contents = { network, config, device: circumstances.device, waypoint }
    // A run that was never trained leaves nothing: where it begins is written with its first numbers.
    if (document) document.saveWaypoint(contents)
    else this.#beginnings.set(run, contents)
    if (document) this.#watch(run, document)
    return true
  }

  /** The folder of a run that is kept. */
  documentOf(run: RunKey): RunDocument | undefined {
    return this.#room.nothing ? undefined : this.#documents.get(run)
  }

  /** What is kept of a run's way. */
  async wayOf(run: RunKey): Promise<KeptWay | undefined> {
    const document = this.#documents.get(run)
    if (!document) return undefined
    await document.written().catch(() => {})
    const { network, lane } = this.#options.session.run(run)
    return keptWay(document.files, document.folder, { network, stepsPerEpoch: lane.stepsPerEpoch })
  }

  addEdge(run: RunKey, metrics: EdgeMetrics): void {
    this.#document(run)?.addEdge(metrics)
  }

  diverged(run: RunKey, { message, remedy }: BasinError): void {
    this.#errors.set(run, `${message}. ${remedy}`)
  }

  /** Whether the loop should stand still for a checkpoint. */
  get due(): boolean {
    if (this.#room.nothing || this.#room.curvesOnly) return false
    const late = this.#owed.size > 0 || performance.now() - this.#savedAt > CHECKPOINT_MS
    return late && this.#mayCheckpoint
  }

  /** Saves all runs that have gone on since they were saved; they stand still. */
  async checkpoint(): Promise<void> {
    this.#round = { step: this.#options.session.step, spent: this.#spent }
    await this.#cost.add(async () => {
      for (const run of this.#options.session.runs) {
        if (!this.#isSaved(run)) await this.#save(run, await run.snapshot())
      }
    })
    this.#savedAt = performance.now()
  }

  /** A state that was read anyway; copied where it is kept. */
  async offer(key: RunKey, snapshot: RunSnapshot): Promise<void> {
    if (this.#room.nothing || this.#room.curvesOnly) return
    // Runs that are evaluated together are saved together.
    const again = this.#round?.step === snapshot.step && !this.#documents.get(key)?.busy
    if (!again && !this.#mayCheckpoint) this.#owed.add(key)
    else {
      if (!again) this.#round = { step: snapshot.step, spent: this.#spent }
      await this.#cost.add(() => this.#save(this.#options.session.run(key), structuredClone(snapshot)))
    }
  }

  /** Training stands still or is over: everything as it is now, and how it came to stand. */
  async settle(state: RunState): Promise<void> {
    // Runs that were only looked at, or have come to their end, are what they were.
    if (!this.#begun || this.#ended) return
    this.#cost.trainingRests()
    this.#ended = state === 'finished' || state === 'stopped'
    this.#state = state
    await this.#room.settled()
    await this.#saveStanding()
    // Before the state is told: whoever hears of an end knows which runs came of it.
    this.announce()
    if (this.#ended) this.#held.letGo()
  }

  async #saveStanding(): Promise<void> {
    for (const run of this.#options.session.runs) {
      const document = this.#documents.get(run.key)
      if (!document || run.step === 0 || this.#closed) continue
      if (this.#room.curvesOnly || this.#isSaved(run)) document.save(this.#standing(run, this.#state))
      else await this.#save(run, await run.snapshot(), this.#state)
      this.#watch(run.key, document)
    }
  }

  /** What a measure found of a run. */
  keepMeasure(run: RunKey, found: FoundMeasure): void {
    const document = this.#documents.get(run)
    if (!document) return
    const { device } = this.#options.circumstances
    const { id } = found.measure
    document.saveMeasure(id, encodeMeasure({ ...found, device, vectors: undefined }))
    const own = found.findings.find(({ runs }) => runs.length === 1)
    const recorded = own ? recordedOf(id, own.values) : {}
    if (Object.keys(recorded).length > 0) {
      document.save({ measured: { ...document.record.measured, ...recorded } })
    }
    this.#watch(run, document)
  }

  /** What comes next in its place is another run. */
  forget(run: RunKey): void {
    const document = this.#documents.get(run)
    this.#documents.delete(run)
    this.#saved.delete(run)
    this.#held.letGo(run)
    document?.save({ state: document.record.state === 'running' ? 'stopped' : document.record.state })
  }

  /** Writes what is left and lets others have the runs. One that was going is found at the next opening. */
  async close(): Promise<void> {
    this.#closed = true
    const documents = [...this.#documents.values()]
    const written = await Promise.allSettled(documents.map((document) => document.close()))
    const { place } = this.#options
    if ((this.#ended || !this.#begun) && written.every(({ status }) => status === 'fulfilled')) {
      await markEnded(place.files, this.experiment).catch(() => {})
    }
    this.#held.letGo()
    const release = await this.#release
    release?.()
  }

  get #mayCheckpoint(): boolean {
    const writing = [...this.#documents.values()].some(({ busy }) => busy)
    if (!this.#room.known || writing) return false
    // The next one takes what the last did; the first is for free.
    const next = this.#round ? 2 * this.#spent - this.#round.spent : 0
    return this.#cost.shareOf(next) < MOST_SHARE
  }

  #isSaved({ key, step, evaluatedAt, finalAt }: SessionRun): boolean {
    const saved = this.#saved.get(key)
    return (
      saved?.step === step && saved.evaluatedAt === evaluatedAt && saved.finished === (finalAt !== undefined)
    )
  }

  /** Made with the first numbers of a run: one that was never trained leaves nothing. */
  #document(key: RunKey): RunDocument | undefined {
    if (this.#room.nothing) return undefined
    const known = this.#documents.get(key)
    if (known) return known
    const { place, session, circumstances } = this.#options
    const record = newRecord(session.run(key), { ...circumstances, session: session.config })
    const document = RunDocument.begin(place.files, `${record.id}/`, { ...record, step: 0 })
    this.#documents.set(key, document)
    const beginning = this.#beginnings.get(key)
    if (beginning) document.saveWaypoint(beginning)
    this.#beginnings.delete(key)
    this.#held.hold(key, record.id)
    this.mark()
    this.#watch(key, document)
    return document
  }

  /** They are found at the next opening, unless they come to an end. */
  mark(): void {
    const ids = [...this.#documents.values()].map(({ record }) => record.id)
    if (ids.length > 0) markGoing(this.#options.place.files, this.experiment, ids).catch(() => {})
  }

  async #save(run: SessionRun, snapshot: RunSnapshot, state: RunState = 'running'): Promise<void> {
    const document = this.#document(run.key)
    if (!document || this.#room.curvesOnly) return
    const { device } = this.#options.circumstances
    const finished = run.finalAt !== undefined
    const sum = finished && run.live && { parametersSha256: await parametersSum(snapshot.theta) }
    document.note({ ...this.#standing(run, state), ...sum })
    document.saveCheckpoint(contentsOf(run, snapshot, device))
    this.#owed.delete(run.key)
    this.#saved.set(run.key, { step: run.step, evaluatedAt: run.evaluatedAt, finished })
    this.#watch(run.key, document, run.step)
  }

  #standing(run: SessionRun, state: RunState): Partial<RunRecord> {
    return standingOf(run, state, this.#options.circumstances.device, this.#errors.get(run.key))
  }

  /** Tells what is written, or why it could not be. @param step of a checkpoint */
  #watch(run: RunKey, document: RunDocument, step?: number): void {
    document.written().then(
      () => {
        if (this.#documents.get(run) !== document) return
        this.#room.wrote()
        if (step !== undefined) this.#keptTo.set(run, step)
        this.announce()
      },
      (error: unknown) => {
        if (this.#documents.get(run) !== document) return
        this.#room.failed(error, this.#keptTo.has(run))
        if (this.#room.nothing) this.#documents.clear()
        if (error instanceof BasinError && error.code === 'storage-full') void this.#full(run)
        this.announce()
      },
    )
  }

  /** What is written next may find room that the browser has only now said is missing. */
  async #full(run: RunKey): Promise<void> {
    this.#saved.delete(run)
    this.#owed.add(run)
    if (!(await this.#room.makeMore()) || this.#cost.training) return
    await this.#saveStanding().catch(() => {})
  }

  /** Tells what is kept of the runs. */
  announce(note?: string): void {
    const runs: KeepingNews['runs'] = {}
    for (const [key, { record }] of this.#documents) {
      runs[key] = { id: record.id, step: this.#keptTo.get(key) ?? 0 }
    }
    const { problem } = this.#room
    const { experiment, share } = this
    this.#options.tell({ experiment, runs, share, ...(problem && { problem }), ...(note && { note }) })
  }
}
