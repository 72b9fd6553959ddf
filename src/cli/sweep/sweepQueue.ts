/**
 * Sweeps in Redis: one BullMQ queue of jobs for all of them, and beside it of each sweep its file and the ids of its
 * runs. What is known of a job BullMQ alone knows.
 */
import type { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { BasinError } from '../../base/errors'
import { VERSION } from '../../base/version'
import { jobOf, type Patience, type Progress, type RunResult, type SweepJob } from './job'
import { planSweep, type SweepPlan } from './plan'
import { fullRedis, PREFIX } from './redis'

/** Versions do not mix: another one would train other runs under the same names. */
export const QUEUE = `runs-${VERSION}`

export type JobState = 'waiting' | 'running' | 'finished' | 'diverged' | 'failed' | 'cancelled'

export interface JobProgress extends Progress {
  host: string
  /** Bytes that a worker has sent of its state. */
  sent?: number
}

export interface JobStatus {
  id: string
  state: JobState
  attempts: number
  result?: RunResult
  progress?: JobProgress
  /** Why it failed, or last failed. */
  reason?: string
}

export const jobId = (sweep: string, run: string): string => `${sweep}-${run}`
export const sweepKey = (name: string): string => `${PREFIX}:sweep:${name}`
export const stateKey = (job: Pick<SweepJob, 'sweep' | 'id'>): string =>
  `${PREFIX}:state:${jobId(job.sweep, job.id)}`
const SWEEPS = `${PREFIX}:sweeps`

/** The reason of jobs that somebody has cancelled begins so. */
export const CANCELLED = 'cancelled'

/** Jobs that are handed over or asked for at a time. */
const AT_ONCE = 500

export class SweepQueue {
  private constructor(
    readonly redis: Redis,
    readonly queue: Queue<SweepJob, RunResult>,
  ) {}

  static async open(redis: Redis): Promise<SweepQueue> {
    const { Queue } = await import('bullmq')
    const queue = new Queue<SweepJob, RunResult>(QUEUE, { connection: redis, prefix: PREFIX })
    // Told by the connection itself.
    queue.on('error', () => {})
    return new SweepQueue(redis, queue)
  }

  /**
   * A sweep of this name may grow by runs, but not lose any.
   * @returns how many jobs are new: those that are known already stay as they are
   */
  async submit(plan: SweepPlan, patience: Patience): Promise<number> {
    const { sweep, text, runs } = plan
    const known = await this.redis.hget(sweepKey(sweep.name), 'ids')
    const ids = runs.map(({ id }) => id).join(' ')
    const missing = (known ?? '').split(' ').filter((id) => !ids.includes(id))
    if (missing.length > 0) {
      throw new BasinError(
        'config',
        `sweep ${sweep.name}: all runs of the sweep of this name in Redis, got ${missing.length} less`,
        'Give it another name, or remove the other: sweep -- remove NAME.',
      )
    }
    const before = await this.#existing(sweep.name, runs)
    try {
      const facts = { text, ids, version: VERSION, submitted: new Date().toISOString(), ...patience }
      await this.redis.hset(sweepKey(sweep.name), facts)
      await this.redis.hdel(sweepKey(sweep.name), 'cancelled')
      await this.redis.zadd(SWEEPS, 'NX', Date.now(), sweep.name)
      for (let first = 0; first < runs.length; first += AT_ONCE) {
        await this.queue.addBulk(
          runs.slice(first, first + AT_ONCE).map(({ id, config }) => ({
            name: sweep.name,
            data: jobOf(sweep, id, config),
            opts: {
              jobId: jobId(sweep.name, id),
              attempts: patience.attempts,
              backoff: { type: 'exponential', delay: 1000 * patience.backoff },
            },
          })),
        )
      }
    } catch (error) {
      throw /OOM/.test(String(error)) ? fullRedis((error as Error).message) : error
    }
    return runs.length - before
  }

  async #existing(sweep: string, runs: SweepPlan['runs']): Promise<number> {
    const pipeline = this.redis.pipeline()
    for (const { id } of runs) pipeline.exists(this.queue.toKey(jobId(sweep, id)))
    const found = (await pipeline.exec()) ?? []
    return found.filter(([, exists]) => exists === 1).length
  }

  /** Names, the oldest first. */
  names(): Promise<string[]> {
    return this.redis.zrange(SWEEPS, 0, -1)
  }

  /** @throws BasinError `config` where there is no such sweep */
  async #sweep(name: string): Promise<Record<string, string>> {
    const facts = await this.redis.hgetall(sweepKey(name))
    if (!facts.ids) {
      const names = (await this.names()).join(', ')
      throw new BasinError('config', `sweep: one of ${names || 'none so far'}, got ${name}`)
    }
    if (facts.version !== VERSION) {
      throw new BasinError(
        'unsupported',
        `sweep ${name}: of Basin ${facts.version}, got ${VERSION}`,
        'Use that version for it.',
      )
    }
    return facts
  }

  /** The file of a sweep; undefined where there is no such sweep. */
  async text(name: string): Promise<string | undefined> {
    return (await this.redis.hget(sweepKey(name), 'text')) ?? undefined
  }

  /** Jobs of all sweeps that have not ended. */
  async left(): Promise<number> {
    const counts = await this.queue.getJobCounts('waiting', 'active', 'delayed')
    return Object.values(counts).reduce((sum, count) => sum + count, 0)
  }

  /** The plan that was submitted. */
  async plan(name: string): Promise<SweepPlan> {
    return planSweep((await this.#sweep(name)).text, `sweep ${name}`)
  }

  /** In the plan's order. */
  async status(name: string): Promise<JobStatus[]> {
    const ids = (await this.#sweep(name)).ids.split(' ')
    const active = new Set(await this.redis.lrange(this.queue.toKey('active'), 0, -1))
    const pipeline = this.redis.pipeline()
    for (const id of ids) {
      const fields = ['finishedOn', 'failedReason', 'returnvalue', 'progress', 'ats', 'timestamp']
      pipeline.hmget(this.queue.toKey(jobId(name, id)), ...fields)
    }
    const found = (await pipeline.exec()) ?? []
    return ids.map((id, i) => statusOf(id, found[i][1] as Fields, active.has(jobId(name, id))))
  }

  /** Waiting jobs go, running ones are told by their workers, who look every second. @returns how many did not wait */
  async cancel(name: string): Promise<{ removed: number; running: number }> {
    await this.#sweep(name)
    await this.redis.hset(sweepKey(name), 'cancelled', '1')
    const jobs = await this.status(name)
    const waiting = jobs.filter(({ state }) => state === 'waiting')
    let removed = 0
    for (let first = 0; first < waiting.length; first += AT_ONCE) {
      const some = waiting.slice(first, first + AT_ONCE)
      const gone = await Promise.all(some.map(({ id }) => this.queue.remove(jobId(name, id))))
      removed += gone.filter((one) => one === 1).length
    }
    return { removed, running: jobs.filter(({ state }) => state === 'running').length }
  }

  /** Tries again what failed or was cancelled. @returns how many */
  async retry(name: string): Promise<number> {
    const { attempts, backoff } = await this.#sweep(name)
    await this.redis.hdel(sweepKey(name), 'cancelled')
    let again = 0
    for (const { id, state, reason } of await this.status(name)) {
      if (state !== 'failed' && !(state === 'cancelled' && reason)) continue
      const job = await this.queue.getJob(jobId(name, id))
      await job?.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
      again++
    }
    // Those that were cancelled before they ran have no job.
    const patience = { attempts: Number(attempts), backoff: Number(backoff) }
    return again + (await this.submit(await this.plan(name), patience))
  }

  /** Forgets a sweep and its jobs; the runs' folders stay. @throws BasinError `config` while jobs are running */
  async remove(name: string): Promise<void> {
    const jobs = await this.status(name)
    const running = jobs.filter(({ state }) => state === 'running').length
    if (running > 0) {
      throw new BasinError('config', `sweep ${name}: none running, got ${running}`, 'Cancel it first.')
    }
    for (let first = 0; first < jobs.length; first += AT_ONCE) {
      const some = jobs.slice(first, first + AT_ONCE)
      await Promise.all(some.map(({ id }) => this.queue.remove(jobId(name, id))))
      await this.redis.del(...some.map(({ id }) => stateKey({ sweep: name, id })))
    }
    await this.redis.del(sweepKey(name))
    await this.redis.zrem(SWEEPS, name)
  }

  async close(): Promise<void> {
    await this.queue.close()
    this.redis.disconnect()
  }
}

type Fields = [
  finishedOn: string | null,
  failedReason: string | null,
  returnvalue: string | null,
  progress: string | null,
  attemptsStarted: string | null,
  timestamp: string | null,
]

function statusOf(id: string, fields: Fields, active: boolean): JobStatus {
  const [finishedOn, failedReason, returnvalue, progress, attemptsStarted, timestamp] = fields
  // No job any more: it was cancelled before it ran.
  if (timestamp === null) return { id, state: 'cancelled', attempts: 0 }
  const attempts = Number(attemptsStarted ?? 0)
  const shown = {
    // Before a job's first word it is 0.
    ...(progress?.startsWith('{') && { progress: JSON.parse(progress) as JobProgress }),
    ...(failedReason && { reason: failedReason }),
  }
  if (finishedOn === null) return { id, state: active ? 'running' : 'waiting', attempts, ...shown }
  if (returnvalue) {
    const result = JSON.parse(returnvalue) as RunResult
    return { id, state: result.state === 'diverged' ? 'diverged' : 'finished', attempts, result }
  }
  const state = failedReason?.startsWith(CANCELLED) ? 'cancelled' : 'failed'
  return { id, state, attempts, ...shown }
}
