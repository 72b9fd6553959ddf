/** A sweep on this machine alone: the same jobs by the same processes, without a queue of Redis. */
import { toPlain } from '../../base/errors'
import { jobOf, mayPass, type Patience, type RunResult } from './job'
import type { SweepPlan } from './plan'
import type { Trainers } from './trainer'

export interface LocalOptions {
  plan: SweepPlan
  /** Absolute. */
  dir: string
  trainers: Trainers
  patience: Patience
  signal: AbortSignal
  /** A sentence about a run. */
  note(id: string, line: string): void
}

export interface LocalOutcome {
  results: RunResult[]
  /** By id. */
  failed: Map<string, string>
}

/** Runs in the plan's order, as many at a time as there are trainers; what was finished before is only read. */
export async function runLocally(options: LocalOptions): Promise<LocalOutcome> {
  const { plan, trainers, signal } = options
  const left = [...plan.runs]
  const outcome: LocalOutcome = { results: [], failed: new Map() }
  const serve = async () => {
    for (let run = left.shift(); run && !signal.aborted; run = left.shift()) {
      const job = jobOf(plan.sweep, run.id, run.config)
      try {
        const result = await withPatience(options, job)
        if (result) outcome.results.push(result)
      } catch (error) {
        const { message } = toPlain(error)
        outcome.failed.set(run.id, message)
        options.note(run.id, `failed: ${message}`)
      }
    }
  }
  await Promise.all(Array.from({ length: trainers.size }, serve))
  return outcome
}

/** @returns undefined where it was interrupted */
async function withPatience(
  { dir, trainers, patience, signal, note }: LocalOptions,
  job: ReturnType<typeof jobOf>,
): Promise<RunResult | undefined> {
  for (let attempt = 1; ; attempt++) {
    const watch = { signal, note: (line: string) => note(job.id, line), progress: () => {} }
    try {
      const claim = `local ${process.pid} ${attempt} ${Date.now()}`
      const result = await trainers.train({ job, dir, claim }, watch)
      if (result.state === 'interrupted') return undefined
      note(job.id, lineOf(result))
      return result
    } catch (error) {
      const { code, message } = toPlain(error)
      if (signal.aborted && code === 'cancelled') return undefined
      if (!mayPass(code) || attempt >= patience.attempts) throw error
      const seconds = patience.backoff * 2 ** (attempt - 1)
      note(job.id, `${message}; tried again in ${seconds} s`)
      await pause(seconds, signal)
    }
  }
}

/** `finished: test error 19.12 %` */
export function lineOf({ state, metrics, took }: RunResult): string {
  const { testErrorRate } = metrics
  const error = testErrorRate === undefined ? '' : `: test error ${(100 * testErrorRate).toFixed(2)} %`
  return `${state}${error}, ${took.all.toFixed(1)} s`
}

const pause = (seconds: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, 1000 * seconds)
    signal.addEventListener('abort', end)
  })
