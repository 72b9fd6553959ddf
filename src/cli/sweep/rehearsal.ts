/** A sweep whose workers only pretend to train: what a Redis makes of so many jobs and workers. */
import { setMaxListeners } from 'node:events'
import { hostname } from 'node:os'
import type { RunResult } from './job'
import { planSweep, type SweepPlan } from './plan'
import { factsOf } from './redis'
import type { SweepQueue } from './sweepQueue'
import { LOCK_SECONDS, serveSweeps } from './sweepWorker'
import type { Trainer } from './trainer'
import { Trainers } from './trainer'

export interface Rehearsal {
  jobs: number
  workers: number
  /** That each job takes. */
  seconds: number
}

export interface RehearsalOutcome {
  submitSeconds: number
  /** Of Redis, that a waiting job takes. */
  bytesAJob: number
  statusSeconds: number
  workSeconds: number
  jobsASecond: number
  /** Of the time of all workers, that no job was in hand. */
  idleShare: number
  finished: number
  /** Given to more than one worker, or twice to one. */
  twice: number
}

const NAME = 'rehearsal'
/** As often a job that trains tells how far it is. */
const PROGRESS_MS = 1000

/** @param openQueue with connections of its own, for each worker */
export async function rehearse(
  { jobs, workers, seconds }: Rehearsal,
  queue: SweepQueue,
  openQueue: () => Promise<SweepQueue>,
): Promise<RehearsalOutcome> {
  const plan = await planOf(jobs)
  const before = await memory(queue)
  const [submitSeconds] = await timed(() => queue.submit(plan, { attempts: 4, backoff: 1 }))
  const bytesAJob = ((await memory(queue)) - before) / jobs
  const [statusSeconds] = await timed(() => queue.status(NAME))
  const given = new Map<string, number>()
  const done = new AbortController()
  // One for all workers.
  setMaxListeners(0, done.signal)
  const trainer = (): Trainer => ({
    async train({ job }, { progress }) {
      given.set(job.id, (given.get(job.id) ?? 0) + 1)
      for (let passed = 0; passed < 1000 * seconds; passed += PROGRESS_MS) {
        progress({ step: passed, totalSteps: 1000 * seconds })
        await new Promise((resolve) => setTimeout(resolve, Math.min(PROGRESS_MS, 1000 * seconds - passed)))
      }
      return resultOf(job.id, seconds)
    },
    close() {},
  })
  const own = await Promise.all(Array.from({ length: workers }, openQueue))
  const serving = own.map((queue) =>
    serveSweeps({
      queue,
      dir: '',
      trainers: new Trainers([trainer()]),
      lockSeconds: LOCK_SECONDS,
      signal: done.signal,
      note: () => {},
    }),
  )
  const [workSeconds] = await timed(async () => {
    while ((await queue.left()) > 0) await new Promise((resolve) => setTimeout(resolve, 100))
  })
  done.abort()
  await Promise.all(serving)
  await Promise.all(own.map((queue) => queue.close()))
  const finished = (await queue.status(NAME)).filter(({ state }) => state === 'finished').length
  await queue.remove(NAME)
  return {
    submitSeconds,
    bytesAJob,
    statusSeconds,
    workSeconds,
    jobsASecond: jobs / workSeconds,
    idleShare: 1 - (jobs * seconds) / (workers * workSeconds),
    finished,
    twice: [...given.values()].filter((times) => times > 1).length,
  }
}

/** So many runs that differ. */
const planOf = (jobs: number): Promise<SweepPlan> => {
  const grid = { run_seed: Array.from({ length: jobs }, (_, seed) => seed) }
  return planSweep(JSON.stringify({ name: NAME, preset: 'first_visit', grid }), NAME)
}

const resultOf = (id: string, seconds: number): RunResult => ({
  id,
  folder: `/runs/${NAME}/${id}`,
  host: hostname(),
  state: 'finished',
  settings: {},
  step: 2340,
  totalSteps: 2340,
  metrics: { testErrorRate: 0.19, bestTestErrorRate: 0.18, gradientEvaluations: 4680, seconds },
  parametersSha256: id.padEnd(64, '0'),
  took: { all: seconds, training: seconds },
})

async function memory({ redis }: SweepQueue): Promise<number> {
  return Number(factsOf(await redis.info('memory')).get('used_memory'))
}

async function timed<T>(work: () => Promise<T>): Promise<[seconds: number, result: T]> {
  const started = performance.now()
  const result = await work()
  return [(performance.now() - started) / 1000, result]
}
