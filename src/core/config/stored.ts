/** Settings that were written down earlier: in links, weight files and run folders. */
import type { z } from '../settingTypes'
import { type RunConfig, runConfigSchema } from './schema'

/** Before there was a list of runs, `compare` asked for SGD beside the settings' run. */
const RUNS_OF_COMPARE = { true: 'sam_rho:0;', false: '' } as const

/** Reads settings that are no longer there as what they are now. */
export function translated(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { compare, ...others } = values
  const runs = RUNS_OF_COMPARE[String(compare) as keyof typeof RUNS_OF_COMPARE]
  if (compare === undefined || runs === undefined || 'runs' in others) return { ...values }
  return { ...others, runs }
}

/** As `runConfigSchema.safeParse`, of settings that an earlier version may have written. */
export function readStoredConfig(value: unknown): z.core.util.SafeParseResult<RunConfig> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return runConfigSchema.safeParse(isRecord ? translated(value as Record<string, unknown>) : value)
}
