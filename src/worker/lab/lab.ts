/**
 * The laboratory behind the protocol: one device, at most one session, one state. Commands are taken one after the
 * other; what lasts (loading, training, a measure) goes on behind them and ends in a state event. An illegal command
 * is answered with an error and changes nothing. Knows no worker and no DOM: tests drive it in Node.
 */

import { type BasinError, type PlainError, toPlain } from '../../base/errors'
import { type Reply, reply } from '../../base/reply'
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import { differingFields } from '../../core/config/validate'
import { MEASURE_INFOS, SETTINGS } from '../../core/landscape/measures/info'
import type { Session } from '../../core/session/session'
import type { DatasetList } from '../dataProtocol'
import { type KeptWeights, weightsOf } from '../keptWeights'
import type {
  DeviceInfo,
  ExportFormat,
  ImageSet,
  InitOptions,
  LabApi,
  LabEvent,
  LabState,
  MeasureFile,
  MeasureId,
  MeasureRequest,
  ProfileResult,
  RunKey,
  RunPlanInfo,
  StoredImages,
  WeightDownload,
} from '../protocol'
import { checkedConfig, planFor } from './buildSession'
import { CommandQueue, refused } from './commandQueue'
import { CurrentMeasure } from './currentMeasure'
import { EventPacer } from './eventPacer'
import { FoundMeasures, readMeasureFile } from './foundMeasures'
import { KeptRuns } from './keptRuns'
import { pictureStep } from './pictureStep'
import { profileNextStep } from './profileStep'
import { type DatasetOf, SessionMaker } from './sessionMaker'
import { announce, handOver } from './sessionReport'
import { freshSource, type SessionSource } from './sessionSource'
import type { Surroundings } from './surroundings'
import { trainImages } from './trainImages'
import { adoptWeights, packWeights, readWeightFile } from './weightFiles'

/** An import is not given up half way. */
const NEVER = new AbortController().signal

/** Whether two configs give the same numbers. */
const sameRun = (a: RunConfig, b: RunConfig): boolean => differingFields(a, b).length === 0

const datasetsOf =
  (session: Session): DatasetOf =>
  ({ key }) =>
    session.run(key).dataset

/** Whether nothing is left to train, nor to evaluate. */
const isOver = ({ runs }: Session): boolean => runs.every((run) => !run.live || run.finalAt !== undefined)

/** What happens once a session stands. */
type Next = 'train' | 'wait' | 'step' | 'pictured step'

export class Lab implements LabApi {
  #state: LabState = 'idle'
  #device: DeviceInfo | undefined
  #session: Session | undefined
  #training: Promise<void> | undefined
  #loading: AbortController | undefined
  readonly #queue = new CommandQueue()
  readonly #events = new EventPacer()
  readonly #found = new FoundMeasures(this.#events)
  readonly #measure = new CurrentMeasure(this.#events, this.#found)
  readonly #kept: KeptRuns
  readonly #maker: SessionMaker

  constructor(private readonly world: Surroundings) {
    this.#kept = new KeptRuns(world.keeping, this.#events, this.#found, (state) => this.#setState(state))
    this.#maker = new SessionMaker({
      world,
      queue: this.#queue,
      out: this.#events,
      found: this.#found,
      current: () => this.#session,
      keeper: () => this.#kept.keeper,
    })
  }

  init(options: InitOptions, onEvent: (event: LabEvent) => void): Promise<Reply<DeviceInfo>> {
    return this.#queue.take(async () => {
      if (this.#device) throw refused('init', 'only once')
      this.#events.listen(onEvent)
      this.#events.send({ type: 'measures', measures: MEASURE_INFOS, settings: SETTINGS })
      this.world.onDeviceLost((error) => this.#deviceLost(error))
      this.#device = await this.world.initBackend(options)
      this.#maker.settle(this.#device, options.datasetsUrl)
      if (options.opening) await this.#kept.greet(options.opening.link)
      return this.#device
    })
  }

  start(config: RunConfig, options: { paused?: boolean } = {}): Promise<Reply> {
    return this.#act('start', undefined, () =>
      this.#begin(freshSource(checkedConfig(config)), options.paused ? 'wait' : 'train'),
    )
  }

  pause(): Promise<Reply> {
    // Answered at once, whatever a step takes; when it stands still, the state says so and the next command is taken.
    return this.#command<undefined>(
      'pause',
      ['training', 'paused'],
      () => {
        // How training ends is told by #train.
        this.#session?.pause().catch(() => {})
        return undefined
      },
      () => this.#training,
    )
  }

  resume(): Promise<Reply> {
    return this.#act('resume', ['paused'], async () => {
      await this.#endMeasure()
      this.#train()
    })
  }

  stop(): Promise<Reply> {
    return this.#act('stop', ['loading', 'training', 'paused'], async () => {
      if (this.#state === 'loading') return this.#drop('idle')
      if (this.#state === 'paused') {
        await this.#kept.keeper?.settle('stopped')
        return this.#setState('stopped')
      }
      await this.#session?.stop()
      await this.#training
    })
  }

  step(config: RunConfig, { picture = false }: { picture?: boolean } = {}): Promise<Reply> {
    return this.#act('step', ['idle', 'paused'], async () => {
      if (!this.#session || !sameRun(this.#session.config, config)) {
        return this.#begin(freshSource(checkedConfig(config)), picture ? 'pictured step' : 'step')
      }
      await this.#endMeasure()
      const atTheEnd = await this.#oneStep(this.#session, picture)
      this.#events.flush()
      // What is left is the final evaluation.
      if (atTheEnd) this.#train()
    })
  }

  profile(): Promise<Reply<ProfileResult>> {
    return this.#command('profile', ['paused'], async () => {
      await this.#endMeasure()
      const session = this.#standing()
      const { result, atTheEnd } = await profileNextStep(session)
      this.#events.flush()
      if (atTheEnd) this.#train()
      return result
    })
  }

  reset(): Promise<Reply> {
    return this.#act('reset', undefined, () => this.#drop('idle'))
  }

  async measure(request: MeasureRequest, { byItself = false } = {}): Promise<Reply<{ cancelled: boolean }>> {
    const started = await this.#command('measure', ['paused', 'finished', 'stopped'], () => {
      const where = { device: this.#device!, name: this.#deviceName, keeper: this.#kept.keeper, byItself }
      return this.#measure.begin(this.#standing(), request, where)
    })
    return started.ok ? this.#queue.answer(() => started.value.done) : started
  }

  /** Not queued behind other commands: it is what ends the wait for some of them. */
  cancelMeasure(): Promise<Reply> {
    return this.#queue.answer(async () => {
      await this.#endMeasure()
      this.#kept.keeper?.reminder.over()
      return undefined
    })
  }

  /** Not queued, as `plan`. */
  datasets(): Promise<Reply<DatasetList>> {
    return this.#queue.answer(() => {
      if (!this.#device) throw refused('datasets', 'after init')
      return this.#maker.datasets()
    })
  }

  /** Not queued: the form asks while a run goes on. */
  plan(config: RunConfig, images: ImageSet): Promise<Reply<RunPlanInfo>> {
    return this.#queue.answer(() => {
      if (!this.#device) throw refused('plan', 'after init')
      return planFor(config, images, this.#device)
    })
  }

  open(ids: readonly string[]): Promise<Reply> {
    return this.#act('open', undefined, async () => {
      const source = await this.#kept.source('open', ids, () => this.#drop())
      if (source) return this.#begin(source, 'wait')
      await this.#drop()
      await this.#kept.follow(ids)
    })
  }

  continue(ids?: readonly string[]): Promise<Reply> {
    return this.#act('continue', undefined, async () => {
      const source = await this.#kept.source('continue', ids, () => this.#drop())
      if (!source) throw refused('continue', 'runs that no other tab trains', 'Close the other tab first.')
      await this.#begin(source, 'train')
    })
  }

  fork(id: string, step: number, config: RunConfig): Promise<Reply> {
    return this.#act('fork', undefined, async () => {
      const source = await this.#kept.forkSource(id, step, checkedConfig(config))
      await this.#begin(source, 'train')
    })
  }

  letGo(experiment: string): Promise<Reply> {
    return this.#act('letGo', undefined, () => this.#kept.letGo(experiment))
  }

  trainImages(run: RunKey, places: readonly number[]): Promise<Reply<StoredImages>> {
    return this.#command('trainImages', undefined, () => trainImages(this.#standing().run(run), places))
  }

  exportWeights(run: RunKey, format: ExportFormat) {
    return this.#command('exportWeights', undefined, async () =>
      packWeights(await weightsOf(this.#standing(), run), format),
    )
  }

  /** Not queued: it is asked when the queue may have nothing left to wait for. */
  async packKept(weights: KeptWeights, format: ExportFormat): Promise<Reply<WeightDownload>> {
    return reply(() => packWeights(weights, format))
  }

  packMeasure(id: MeasureId): Promise<Reply<WeightDownload>> {
    return this.#queue.answer(async () => this.#found.pack(id))
  }

  /** Not queued: it needs neither session nor device. */
  async readMeasure(filename: string, bytes: Uint8Array): Promise<Reply<MeasureFile>> {
    return reply(() => readMeasureFile(filename, bytes))
  }

  loadPretrained(filename: string, bytes: Uint8Array): Promise<Reply<{ message: string }>> {
    return this.#command('loadPretrained', undefined, async () => {
      const { decoded } = await readWeightFile(bytes, filename, DEFAULT_CONFIG)
      this.#maker.pretrained = decoded
      const count = decoded.tensors.size
      return { message: `${decoded.filename} (${count} tensors) is what fine-tuning starts from.` }
    })
  }

  importWeights(run: RunKey, filename: string, bytes: Uint8Array, fallback: RunConfig) {
    const allowed: LabState[] = ['idle', 'interrupted', 'paused', 'finished', 'stopped', 'failed']
    return this.#command('importWeights', allowed, async () => {
      // Everything is checked before anything is touched: the file, the data its settings ask for, every tensor.
      const file = await readWeightFile(bytes, filename, fallback)
      const kept = this.#session && sameRun(this.#session.config, file.config) ? this.#session : undefined
      const dataset = kept ? datasetsOf(kept) : await this.#maker.data(file.config, NEVER)
      const adopted = adoptWeights(file, run, dataset)
      if (kept) {
        await this.#endMeasure()
        this.#kept.keeper?.forget(adopted.run)
        kept.run(adopted.run).replace(adopted.snapshot)
      } else {
        const session = this.#maker.build(file.config, dataset, { [adopted.run]: adopted.snapshot })
        await this.#drop()
        this.#session = session
        this.#kept.keep(session, freshSource(file.config), this.#deviceName)
      }
      announce(this.#standing(), this.#events)
      const runs = this.#standing().runs.map(({ key }) => key)
      await handOver(this.#standing(), runs, this.#events)
      this.#setState('paused')
      this.#events.send({ type: 'imported', summary: adopted.summary })
      return adopted.summary
    })
  }

  // --- what goes on behind the commands

  /** Drops what there is and loads; the command is answered at once, the rest ends in a state event. */
  async #begin(source: SessionSource, next: Next): Promise<void> {
    await this.#drop()
    this.#setState('loading')
    const abort = new AbortController()
    this.#loading = abort
    this.#load(source, next, abort).catch((error) => {
      if (!abort.signal.aborted) this.#fail(error)
    })
  }

  async #load(source: SessionSource, next: Next, abort: AbortController): Promise<void> {
    let session: Session
    try {
      session = await this.#maker.make(source, abort.signal, (built) => {
        this.#session = built
      })
    } catch (error) {
      source.release?.()
      throw error
    }
    if (abort.signal.aborted) return source.release?.()
    this.#kept.keep(session, source, this.#deviceName)
    const message = this.world.storageNote?.()
    if (message) this.#events.send({ type: 'hint', key: 'storage', message })
    const steps = next === 'step' || next === 'pictured step'
    const atTheEnd = steps && (await this.#queue.unlessLost(this.#oneStep(session, next === 'pictured step')))
    if (abort.signal.aborted) return
    this.#loading = undefined
    if (next === 'train' || atTheEnd) this.#train()
    else this.#setState(next === 'wait' && isOver(session) ? 'finished' : 'paused')
  }

  /** @returns true when only the final evaluation is left */
  async #oneStep(session: Session, picture: boolean): Promise<boolean> {
    if (picture) await pictureStep(session, (news) => this.#events.send({ type: 'measured', news }))
    const { keeper } = this.#kept
    keeper?.begin()
    const atTheEnd = await session.stepOnce()
    if (!atTheEnd) await keeper?.settle('paused')
    return atTheEnd
  }

  #train(): void {
    const session = this.#standing()
    const { keeper } = this.#kept
    this.#setState('training')
    keeper?.begin()
    const trained = session.train().then(async (outcome) => {
      await keeper?.settle(outcome)
      return outcome
    })
    this.#training = this.#queue.unlessLost(trained).then(
      (outcome) => {
        if (session === this.#session) this.#setState(outcome)
      },
      (error) => {
        if (session === this.#session) this.#fail(error)
      },
    )
  }

  /** Session, loading, measure: all gone, nothing left on the device. */
  async #drop(state?: LabState): Promise<void> {
    this.#loading?.abort()
    this.#loading = undefined
    await this.#endMeasure()
    const session = this.#session
    this.#session = undefined
    if (session) {
      await session.stop().catch(() => {})
      // Its runs are being saved as they stand.
      await this.#training
      await this.#kept.drop()
      session.dispose()
    } else await this.#kept.drop()
    this.#training = undefined
    this.#found.forget()
    this.#events.forget()
    if (state) this.#setState(state)
  }

  get #deviceName(): string {
    const { backend, adapter } = this.#device!
    return `${backend} (${adapter})`
  }

  async #endMeasure(): Promise<void> {
    await this.#queue.unlessLost(this.#measure.end())
  }

  #standing(): Session {
    if (!this.#session) throw refused('this', 'only with a session', 'Train first, or import weights.')
    return this.#session
  }

  #setState(state: LabState, error?: PlainError): void {
    this.#state = state
    this.#events.send(error ? { type: 'state', state, error } : { type: 'state', state })
  }

  #fail(error: unknown): void {
    // After the device is lost everything fails in its turn; the first word stands.
    if (this.#queue.lost) return
    this.#setState('failed', toPlain(error))
  }

  #deviceLost(error: BasinError): void {
    if (this.#queue.lost) return
    this.#state = 'failed'
    this.#events.send({ type: 'state', state: 'failed', error: toPlain(error), lost: true })
    this.#queue.lose(error)
    // What still runs ends by itself, unheard: its tensors went with the device.
    void this.#measure.end()
    this.#session?.stop().catch(() => {})
    this.#session = undefined
    this.#kept.abandon()
  }

  /** A command that needs a device and, where given, one of some states. */
  #command<T>(
    name: string,
    allowed: readonly LabState[] | undefined,
    body: () => Promise<T> | T,
    settle?: () => Promise<unknown> | undefined,
  ): Promise<Reply<T>> {
    return this.#queue.take(() => {
      if (!this.#device) throw refused(name, 'after init')
      if (allowed && !allowed.includes(this.#state)) {
        throw refused(name, `in ${allowed.join(', ')}, got ${this.#state}`)
      }
      return body()
    }, settle)
  }

  /** A command that answers nothing but that it was taken. */
  #act(name: string, allowed: readonly LabState[] | undefined, body: () => Promise<void> | void) {
    return this.#command<undefined>(name, allowed, async () => {
      await body()
      return undefined
    })
  }
}
