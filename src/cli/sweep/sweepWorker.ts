/**
 * Takes jobs from Redis and has them trained. This process holds the jobs' locks and does nothing else, so that it is
 * never too busy to renew one. Every second it asks about each of its jobs: whether somebody has cancelled it, and
 * whether it still is this worker's. A worker that Redis does not hear of for long enough stops by itself, before its
 * jobs are given to others.
 */
import { hostname } from 'node:os'
import type { Job, Worker } from 'bullmq'
import { BasinError, toPlain } from '../../base/errors'
import { mayPass, type Progress, type RunResult, type SweepJob } from './job'
import { lineOf } from './local'
import { PREFIX } from './redis'
import { CANCELLED, type JobProgress, QUEUE, type SweepQueue, stateKey, sweepKey } from './sweepQueue'
import type { Trainers } from './trainer'
import type { TaskWatch } from './trainJob'

export interface WorkerOptions {
  queue: SweepQueue
  /** Absolute; shared with the other workers, or not. */
  dir: string
  trainers: Trainers
  /** Seconds that a job stays a worker's when nothing is heard of it. */
  lockSeconds: number
  /** Sends the newest checkpoint to Redis, at most every so many seconds; absent: never. */
  sendSeconds?: number
  signal: AbortSignal
  /** Before the first job of a sweep in this worker. */
  onSweep?(name: string): Promise<void>
  /** A sentence about a job, or about the worker. */
  note(line: string, job?: SweepJob): void
}

export const LOCK_SECONDS = 30
/** A job may lose its worker so often before it is taken for what kills them. */
const MOST_LOSSES = 5
/** How often a worker asks about a job, and how long it goes on without an answer, in parts of the lock's time. */
const ASK_MS = 1000
const ASK_SHARE = 0.1
const SILENT_SHARE = 2 / 3
/** Redis takes longer strings, but nobody wants them in memory. */
const LARGEST_STATE = 256 * 2 ** 20

/** Lost connections by the connection, lost locks by the job. */
const TOLD_ELSEWHERE = /ECONN|EPIPE|ETIMEDOUT|closed|ended|Missing lock|could not renew lock/i

type Why = 'cancelled' | 'lost' | 'silence' | 'shutdown'

/** Resolves when it was told to stop and everything is handed back. */
export async function serveSweeps(options: WorkerOptions): Promise<void> {
  const { queue, trainers, lockSeconds, signal, note } = options
  const bullmq = await import('bullmq')
  const met = new Set<string>()
  const work = async (job: Job<SweepJob, RunResult>, token?: string) => {
    const { sweep } = job.data
    if (!met.has(sweep)) await options.onSweep?.(sweep)
    met.add(sweep)
    return new Attempt(options, job, token ?? '', bullmq).run()
  }
  const worker: Worker<SweepJob, RunResult> = new bullmq.Worker<SweepJob, RunResult>(QUEUE, work, {
    connection: queue.redis,
    prefix: PREFIX,
    concurrency: trainers.size,
    lockDuration: 1000 * lockSeconds,
    stalledInterval: 500 * lockSeconds,
    maxStalledCount: MOST_LOSSES,
    // After a connection was lost.
    runRetryDelay: 1000,
    drainDelay: 2,
  })
  worker.on('error', (error) => {
    const [, id] = /^Missing lock for job (\S+)\. moveToFinished/.exec(error.message) ?? []
    if (id) note(`${id}: ended after its lock had run out; it is given out again`)
    else if (!TOLD_ELSEWHERE.test(error.message)) note(error.message)
  })
  worker.on('stalled', (id) => note(`${id}: nothing was heard of its worker; it waits for another`))
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })
  await worker.close()
}

/** One job in this worker's hands. */
class Attempt {
  readonly #stop = new AbortController()
  #why: Why | undefined
  #heardAt = performance.now()
  #progress: JobProgress | undefined
  #sent = 0
  #under: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly options: WorkerOptions,
    private readonly job: Job<SweepJob, RunResult>,
    private readonly token: string,
    private readonly bullmq: Pick<typeof import('bullmq'), 'UnrecoverableError' | 'WaitingError'>,
  ) {}

  async run(): Promise<RunResult> {
    const { queue, lockSeconds, signal } = this.options
    const { data } = this.job
    const shutdown = () => this.#end('shutdown')
    signal.addEventListener('abort', shutdown)
    const every = Math.min(ASK_MS, 1000 * ASK_SHARE * lockSeconds)
    const timer = setInterval(() => void this.#ask().catch(() => {}), every)
    try {
      await this.#ask()
      const sent = (await queue.redis.getBuffer(stateKey(data))) ?? undefined
      const result = await this.#train(sent)
      if (result.state === 'interrupted') return await this.#handBack(`at step ${result.step}`)
      this.#note(lineOf(result))
      await this.#under
      await queue.redis.del(stateKey(data))
      return result
    } catch (error) {
      const { code, message } = toPlain(error)
      if (this.#why && code === 'cancelled') return await this.#handBack(`(${message})`)
      if (!(error instanceof BasinError)) throw error
      this.#note(mayPass(code) ? `${message}; to be tried again` : `failed: ${message}`)
      throw mayPass(code) ? new Error(message) : new this.bullmq.UnrecoverableError(message)
    } finally {
      clearInterval(timer)
      signal.removeEventListener('abort', shutdown)
    }
  }

  async #train(sent: Uint8Array | undefined): Promise<RunResult> {
    const { dir, trainers, sendSeconds } = this.options
    const task = { job: this.job.data, dir, claim: `${hostname()} ${process.pid} ${this.token}`, sent }
    const watch: TaskWatch = {
      signal: this.#stop.signal,
      note: (line) => this.#note(line),
      progress: (progress) => this.#tell(progress),
      ...(sendSeconds !== undefined && { state: (bytes) => this.#send(bytes), stateEvery: sendSeconds }),
    }
    if (this.#stop.signal.aborted) throw new BasinError('cancelled', 'before it began')
    try {
      return await trainers.train(task, watch)
    } catch (error) {
      const { code, message, remedy } = toPlain(error)
      throw new BasinError(code, message, remedy)
    }
  }

  /** What becomes of a job that was stopped. */
  async #handBack(where: string): Promise<never> {
    const { UnrecoverableError, WaitingError } = this.bullmq
    if (this.#why === 'cancelled') {
      this.#note(`cancelled ${where}`)
      throw new UnrecoverableError(`${CANCELLED} ${where}`)
    }
    if (this.#why === 'lost') {
      this.#note(`stopped ${where}: it is no longer this worker’s`)
      throw new Error('it is no longer this worker’s')
    }
    this.#note(`handed back ${where}`)
    // Waits for Redis where it is away.
    await this.job.moveToWait(this.token)
    throw new WaitingError()
  }

  async #ask(): Promise<void> {
    const { queue, lockSeconds } = this.options
    if (performance.now() - this.#heardAt > 1000 * SILENT_SHARE * lockSeconds) this.#end('silence')
    // Commands wait where there is no connection; this one would be answered too late.
    if (queue.redis.status !== 'ready') return
    const [cancelled, holder] = await Promise.all([
      queue.redis.hget(sweepKey(this.job.data.sweep), 'cancelled'),
      queue.redis.get(`${queue.queue.toKey(this.job.id!)}:lock`),
    ])
    this.#heardAt = performance.now()
    if (cancelled === '1') this.#end('cancelled')
    // Nobody's: it will be another's, or was and is done.
    else if (holder !== this.token) this.#end('lost')
  }

  #end(why: Why): void {
    this.#why ??= why
    this.#stop.abort()
  }

  #tell(progress: Progress): void {
    const { queue } = this.options
    this.#progress = { ...progress, host: hostname(), ...(this.#sent > 0 && { sent: this.#sent }) }
    if (queue.redis.status === 'ready') void this.job.updateProgress({ ...this.#progress }).catch(() => {})
  }

  #send(bytes: Uint8Array): void {
    const { queue } = this.options
    if (queue.redis.status !== 'ready' || this.#why === 'lost') return
    if (bytes.length > LARGEST_STATE) {
      this.#note(`its state is not sent: ${LARGEST_STATE} bytes at most, got ${bytes.length}`)
      return
    }
    this.#sent += bytes.length
    this.#under = queue.redis
      .set(stateKey(this.job.data), Buffer.from(bytes))
      .catch((error: Error) => this.#note(`its state was not kept: ${error.message}`))
  }

  #note(line: string): void {
    this.options.note(line, this.job.data)
  }
}
