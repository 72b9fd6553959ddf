/**
 * The laboratory behind the protocol: one device, at most one session, one state. Commands are taken one after the
 * other; what lasts (loading, training, a slice) goes on behind them and ends in a state event. An illegal command
 * is answered with an error and changes nothing. Knows no worker and no DOM: tests drive it in Node.
 */
import { type RunConfig, runConfigSchema } from '../core/config/schema'
import type { Dataset } from '../core/data/dataset'
import { loadDataset } from '../core/data/loadDataset'
import { BasinError, type PlainError, toPlain } from '../core/errors'
import { Session } from '../core/training/session'
import type { SessionEvents, SessionOptions, SessionProgress } from '../core/training/sessionTypes'
import type { ShardSource, ShardStore } from '../platform/ports'
import { EventPacer } from './eventPacer'
import type {
  DeviceInfo,
  InitOptions,
  LabApi,
  LabEvent,
  LabState,
  Reply,
  RunId,
  SliceRequest,
} from './protocol'
import { sameRun } from './sameRun'
import { sessionInfo } from './sessionInfo'
import { runSlice } from './sliceRunner'
import { adoptWeights, packWeights, readWeightFile } from './weightFiles'

/** What a Lab needs of the world. */
export interface Surroundings {
  initBackend(prefer?: DeviceInfo['backend']): Promise<DeviceInfo>
  onDeviceLost(callback: (error: BasinError) => void): void
  source(datasetsUrl: string): ShardSource
  store(): ShardStore
}

/** An import is not given up half way. */
const NEVER = new AbortController().signal

/** What happens once a session stands. */
type Next = 'train' | 'wait' | 'step'

export class Lab implements LabApi {
  #state: LabState = 'idle'
  #device: DeviceInfo | undefined
  #lost: BasinError | undefined
  #sayLost: (error: BasinError) => void = () => {}
  /** Rejects when the device is lost: whatever waits for the device would wait for ever. */
  readonly #loss: Promise<never>
  #source: ShardSource | undefined
  #store: ShardStore | undefined
  #session: Session | undefined
  #training: Promise<void> | undefined
  #loading: AbortController | undefined
  #slice: { abort: AbortController; done: Promise<unknown> } | undefined
  #queue: Promise<unknown> = Promise.resolve()
  readonly #events = new EventPacer()

  constructor(private readonly world: Surroundings) {
    this.#loss = new Promise((_, reject) => {
      this.#sayLost = reject
    })
    this.#loss.catch(() => {})
  }

  init(options: InitOptions, onEvent: (event: LabEvent) => void): Promise<Reply<DeviceInfo>> {
    return this.#take(async () => {
      if (this.#device) throw refused('init', 'only once')
      this.#events.listen(onEvent)
      this.#device = await this.world.initBackend(options.prefer)
      this.world.onDeviceLost((error) => this.#deviceLost(error))
      this.#source = this.world.source(options.datasetsUrl)
      this.#store = this.world.store()
      return this.#device
    })
  }

  start(config: RunConfig, options: { paused?: boolean } = {}): Promise<Reply> {
    return this.#command('start', undefined, () => this.#begin(config, options.paused ? 'wait' : 'train'))
  }

  pause(): Promise<Reply> {
    return this.#command('pause', ['training'], async () => {
      await this.#session?.pause()
      await this.#training
    })
  }

  resume(): Promise<Reply> {
    return this.#command('resume', ['paused'], async () => {
      await this.#endSlice()
      this.#train()
    })
  }

  stop(): Promise<Reply> {
    return this.#command('stop', ['loading', 'training', 'paused'], async () => {
      if (this.#state === 'loading') return this.#drop('idle')
      if (this.#state === 'paused') return this.#setState('stopped')
      await this.#session?.stop()
      await this.#training
    })
  }

  step(config: RunConfig): Promise<Reply> {
    return this.#command('step', ['idle', 'paused'], async () => {
      if (!this.#session || !sameRun(this.#session.config, config)) return this.#begin(config, 'step')
      await this.#endSlice()
      await this.#stepOnce()
    })
  }

  reset(): Promise<Reply> {
    return this.#command('reset', undefined, () => this.#drop('idle'))
  }

  async slice(request: SliceRequest): Promise<Reply<{ cancelled: boolean }>> {
    const started = await this.#command('slice', ['paused', 'finished', 'stopped'], async () => {
      if (this.#slice) throw refused('slice', 'one at a time')
      const abort = new AbortController()
      const onProgress = (progress: Extract<LabEvent, { type: 'slice' }>['progress']) =>
        this.#events.send({ type: 'slice', progress })
      const done = runSlice(this.#standing(), request, onProgress, abort.signal).finally(() => {
        this.#slice = undefined
      })
      this.#slice = { abort, done: done.catch(() => {}) }
      return { done }
    })
    return started.ok ? reply(() => Promise.race([started.value.done, this.#loss])) : started
  }

  /** Not queued behind other commands: it is what ends the wait for some of them. */
  cancelSlice(): Promise<Reply> {
    return reply(() => this.#endSlice())
  }

  exportWeights(run: RunId, format: 'safetensors' | 'npz') {
    return this.#command('exportWeights', undefined, () => packWeights(this.#standing(), run, format))
  }

  importWeights(run: RunId, filename: string, bytes: Uint8Array, fallback: RunConfig) {
    const allowed: LabState[] = ['idle', 'paused', 'finished', 'stopped', 'failed']
    return this.#command('importWeights', allowed, async () => {
      // Everything is checked before anything is touched: the file, the data its settings ask for, every tensor.
      const file = await readWeightFile(bytes, filename, fallback)
      const kept = this.#session && sameRun(this.#session.config, file.config) ? this.#session : undefined
      const dataset = kept?.dataset ?? (await this.#data(file.config, NEVER))
      const adopted = adoptWeights(file, run, dataset)
      if (kept) {
        await this.#endSlice()
        kept.run(adopted.run).replace(adopted.snapshot)
      } else {
        const session = this.#build(file.config, dataset, { [adopted.run]: adopted.snapshot })
        await this.#drop()
        this.#session = session
      }
      this.#announce()
      this.#setState('paused')
      return adopted.summary
    })
  }

  // --- what goes on behind the commands

  /** Drops what there is and loads; the command is answered at once, the rest ends in a state event. */
  async #begin(config: RunConfig, next: Next): Promise<void> {
    const parsed = runConfigSchema.safeParse(config)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw new BasinError('config', `${issue.path.join('.')}: ${issue.message}`, 'Correct the setting.')
    }
    await this.#drop()
    this.#setState('loading')
    const abort = new AbortController()
    this.#loading = abort
    this.#load(parsed.data, next, abort).catch((error) => {
      if (!abort.signal.aborted) this.#fail(error)
    })
  }

  async #load(config: RunConfig, next: Next, abort: AbortController): Promise<void> {
    const dataset = await Promise.race([this.#data(config, abort.signal), this.#loss])
    if (abort.signal.aborted) return
    const label = `building ${config.model_name}`
    this.#events.send({ type: 'loading', progress: { phase: 'network', label, bytesDone: 1, bytesTotal: 1 } })
    const session = this.#build(config, dataset)
    this.#loading = undefined
    this.#session = session
    this.#announce()
    if (next === 'train') return this.#train()
    if (next === 'step') await this.#stepOnce()
    if (this.#state === 'loading') this.#setState('paused')
  }

  #data(config: RunConfig, signal: AbortSignal): Promise<Dataset> {
    return loadDataset(
      config,
      { source: this.#source!, store: this.#store! },
      (progress) => {
        if (!signal.aborted) this.#events.send({ type: 'loading', progress })
      },
      signal,
    )
  }

  #build(config: RunConfig, dataset: Dataset, resume?: SessionOptions['resume']): Session {
    const events = this.#sessionEvents(() => session === this.#session)
    const session: Session = new Session({ config, dataset, resume, events })
    return session
  }

  #train(): void {
    const session = this.#standing()
    this.#setState('training')
    this.#training = Promise.race([session.train(), this.#loss]).then(
      (outcome) => {
        if (session === this.#session) this.#setState(outcome)
      },
      (error) => {
        if (session === this.#session) this.#fail(error)
      },
    )
  }

  async #stepOnce(): Promise<void> {
    const atTheEnd = await Promise.race([this.#standing().stepOnce(), this.#loss])
    this.#events.flush()
    if (atTheEnd) this.#train()
  }

  /** Session, loading, slice: all gone, nothing left on the device. */
  async #drop(state?: LabState): Promise<void> {
    this.#loading?.abort()
    this.#loading = undefined
    await this.#endSlice()
    const session = this.#session
    this.#session = undefined
    if (session) {
      await session.stop().catch(() => {})
      session.dispose()
    }
    this.#training = undefined
    this.#events.forget()
    if (state) this.#setState(state)
  }

  async #endSlice(): Promise<void> {
    this.#slice?.abort.abort()
    await Promise.race([this.#slice?.done, this.#loss])
  }

  #sessionEvents(current: () => boolean): SessionEvents {
    const send = (event: LabEvent) => current() && this.#events.send(event)
    return {
      onMetrics: (run, rows) => current() && this.#events.add(run, rows),
      onProgress: (progress: SessionProgress) => current() && this.#events.pace(progress),
      onEvaluation: (run, metrics, final) => send({ type: 'evaluation', run, metrics, final }),
      onDiverged: (run, step, error) => send({ type: 'diverged', run, step, error: toPlain(error) }),
      onHint: (run, key, message) => send({ type: 'hint', run, key, message }),
    }
  }

  /** Tells of the session, and again of what its runs have been through (a run may have been put in another's place). */
  #announce(): void {
    const session = this.#standing()
    this.#events.send({ type: 'session', info: sessionInfo(session) })
    this.#events.replay(session.runs)
    for (const run of session.runs) {
      for (const metrics of run.evaluations) {
        this.#events.send({ type: 'evaluation', run: run.id, metrics, final: run.finalAt === metrics.step })
      }
    }
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
    if (this.#state === 'failed' && this.#lost) return
    this.#setState('failed', toPlain(error))
  }

  #deviceLost(error: BasinError): void {
    if (this.#lost) return
    this.#fail(error)
    this.#lost = error
    this.#sayLost(error)
  }

  /** A command that needs a device and, where given, one of some states. */
  #command<T>(name: string, allowed: readonly LabState[] | undefined, body: () => Promise<T> | T) {
    return this.#take(async () => {
      if (this.#lost) throw this.#lost
      if (!this.#device) throw refused(name, 'after init')
      if (allowed && !allowed.includes(this.#state)) {
        throw refused(name, `in ${allowed.join(', ')}, got ${this.#state}`)
      }
      return await Promise.race([body(), this.#loss])
    })
  }

  /** One command after the other; every outcome is a Reply. */
  #take<T>(body: () => Promise<T>): Promise<Reply<T>> {
    const answer = this.#queue.then(() => reply(body))
    this.#queue = answer
    return answer
  }
}

async function reply<T>(body: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await body() }
  } catch (error) {
    return { ok: false, error: toPlain(error) }
  }
}

function refused(name: string, rule: string, remedy = ''): BasinError {
  return new BasinError('unsupported', `${name}: ${rule}`, remedy)
}
