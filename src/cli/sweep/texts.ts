/** Sweeps in a terminal's lines. */
import { flagText } from '../../core/config/flags'
import type { RunConfig } from '../../core/config/schema'
import { duration } from '../terminal/progressView'
import type { PlannedRun, SweepPlan } from './plan'
import type { JobState, JobStatus } from './sweepQueue'

const SHORT_ID = 8
const MOST_LINES = 40

/** `3f2a91bc sam_rho=0.05 run_seed=1` */
export function runName({ id, config }: PlannedRun, { over }: Pick<SweepPlan, 'over'>): string {
  const settings = [...over, 'run_seed' as const].map((name) => `${name}=${textOf(config, name)}`)
  return [id.slice(0, SHORT_ID), ...settings].join(' ')
}

const textOf = (config: RunConfig, name: keyof RunConfig) => flagText(config[name]) || 'none'

/** `demo 3f2a91bc` */
export const jobName = ({ sweep, id }: { sweep: string; id: string }): string =>
  `${sweep} ${id.slice(0, SHORT_ID)}`

export function planLines(plan: SweepPlan): string[] {
  const { sweep, runs, over } = plan
  const seeds = new Set(runs.map(({ config }) => config.run_seed)).size
  const what = over.length > 0 ? ` over ${over.join(', ')}` : ''
  const shown = runs.slice(0, MOST_LINES).map((run) => `  ${runName(run, plan)}`)
  const more = runs.length > MOST_LINES ? [`  and ${runs.length - MOST_LINES} more`] : []
  const header = `${sweep.name}: ${runs.length} runs${what}, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`
  return [header, ...shown, ...more]
}

const STATES: readonly JobState[] = ['finished', 'diverged', 'running', 'waiting', 'failed', 'cancelled']

/** `demo: 12 runs: 5 finished, 2 running, 5 waiting, about 3 min left` */
export function statusLine(name: string, jobs: readonly JobStatus[]): string {
  const counts = STATES.map((state) => [state, jobs.filter((job) => job.state === state).length] as const)
  const parts = counts.filter(([, count]) => count > 0).map(([state, count]) => `${count} ${state}`)
  const left = secondsLeft(jobs)
  const when = left === undefined ? '' : `, about ${duration(left)} left`
  return `${name}: ${jobs.length} runs: ${parts.join(', ')}${when}`
}

/** What is running, what failed and why; what waits after having failed. */
export function statusDetails(jobs: readonly JobStatus[], plan: SweepPlan): string[] {
  const runs = new Map(plan.runs.map((run) => [run.id, run]))
  const telling = jobs.filter(({ state, reason }) => state === 'running' || reason)
  const lines = telling.slice(0, MOST_LINES).map((job) => {
    const { id, state, attempts, reason, progress } = job
    const parts: string[] = [state]
    if (state === 'running' && progress) {
      const { host, step, totalSteps, sent } = progress
      parts.push(`on ${host}, step ${step} of ${totalSteps}`)
      if (sent) parts.push(`${(sent / 2 ** 20).toFixed(1)} MiB of checkpoints sent`)
    }
    if (attempts > 1) parts.push(`started ${attempts} times`)
    if (reason) parts.push(reason)
    return `  ${runName(runs.get(id)!, plan)}: ${parts.join(', ')}`
  })
  const more = telling.length - lines.length
  return more > 0 ? [...lines, `  and ${more} more`] : lines
}

/** By what a job has taken so far, on as many workers as are at work. */
function secondsLeft(jobs: readonly JobStatus[]): number | undefined {
  const took = jobs.flatMap(({ result }) => (result ? [result.took.all] : []))
  const running = jobs.filter(({ state }) => state === 'running').length
  if (took.length === 0 || running === 0) return undefined
  const mean = took.reduce((sum, seconds) => sum + seconds, 0) / took.length
  const waiting = jobs.filter(({ state }) => state === 'waiting').length
  return (mean * (waiting + running / 2)) / running
}
