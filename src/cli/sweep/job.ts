/** What one job of a sweep is asked for, and what comes back. Plain data: it goes through Redis and between processes. */
import type { ErrorCode } from '../../base/errors'
import { DEFAULT_CONFIG, FIELD_NAMES, type RunConfig, runConfigSchema } from '../../core/config/schema'
import type { RunRecord } from '../../core/library/record'
import type { Changes, Sweep } from './sweepFile'

export interface SweepJob {
  sweep: string
  /** Of the run. */
  id: string
  /** What its settings have that the defaults have not: little to keep in Redis. */
  settings: Changes
  measure: Sweep['measure']
}

export interface Progress {
  step: number
  totalSteps: number
  secondsLeft?: number
}

/** Numbers of a run, by name; what was not measured is missing. */
export const METRICS = [
  'testErrorRate',
  'bestTestErrorRate',
  'testLoss',
  'trainErrorRate',
  'trainLoss',
  'memorised',
  'gap',
  'gradientEvaluations',
  'seconds',
  'lambda1',
  'trace',
  'width',
] as const
export type Metric = (typeof METRICS)[number]

export interface RunResult {
  id: string
  /** On the machine that trained it. */
  folder: string
  host: string
  state: RunRecord['state']
  settings: Changes
  step: number
  totalSteps: number
  metrics: Partial<Record<Metric, number>>
  parametersSha256?: string
  /** Of this job in this process: all, and that in which steps were made or images evaluated. */
  took: { all: number; training: number }
}

export const jobOf = (sweep: Pick<Sweep, 'name' | 'measure'>, id: string, config: RunConfig): SweepJob => ({
  sweep: sweep.name,
  id,
  settings: changed(config),
  measure: sweep.measure,
})

const changed = (config: RunConfig): Changes =>
  Object.fromEntries(
    FIELD_NAMES.filter((name) => JSON.stringify(config[name]) !== JSON.stringify(DEFAULT_CONFIG[name])).map(
      (name) => [name, config[name]],
    ),
  )

export const configOf = (settings: Changes): RunConfig => runConfigSchema.parse(settings)

/** What a record says of its run. */
export function resultOf(
  record: RunRecord,
  id: string,
  where: Pick<RunResult, 'folder' | 'host' | 'took'>,
): RunResult {
  const { state, config, step, totalSteps, parametersSha256, bestTestErrorRate, evaluation, last } = record
  const known: Partial<Record<Metric, number | null>> = {
    ...evaluation,
    bestTestErrorRate,
    gap: last?.gap,
    gradientEvaluations: last?.gradientEvaluations,
    seconds: last?.seconds,
    ...record.measured,
  }
  const metrics = Object.fromEntries(
    METRICS.flatMap((name) => {
      const value = known[name]
      return value === undefined || value === null ? [] : [[name, value]]
    }),
  )
  const sum = parametersSha256 === undefined ? {} : { parametersSha256 }
  return { id, ...where, state, settings: changed(config), step, totalSteps, metrics, ...sum }
}

/** What may pass when it is tried again, here or on another machine; everything else fails once and for all. */
const MAY_PASS: readonly ErrorCode[] = [
  'device',
  'storage',
  'storage-full',
  'data-missing',
  'data-damaged',
  'not-loaded',
]

export const mayPass = (code: ErrorCode): boolean => MAY_PASS.includes(code)

/** How often a job is tried, and how long it waits before the second time, twice that before the third, and so on. */
export interface Patience {
  attempts: number
  /** Seconds. */
  backoff: number
}

export const PATIENCE: Patience = { attempts: 4, backoff: 15 }
