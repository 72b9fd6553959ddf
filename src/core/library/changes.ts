/** In which settings two runs differ, as lists of runs say it. */
import { flagText } from '../config/flags'
import { FIELD_NAMES, type FieldName, fieldMeta, type RunConfig } from '../config/schema'

export interface Change {
  name: FieldName
  /** As its flag is written. */
  value: string
}

/** Where files lie does not count. */
const COUNTED = FIELD_NAMES.filter((name) => name !== 'runs' && fieldMeta(name).group !== 'files')

/** What is not as in `before`. */
export function changesSince(before: RunConfig, config: RunConfig): Change[] {
  return COUNTED.filter((name) => differ(config[name], before[name])).map((name) => ({
    name,
    value: flagText(config[name]) || 'none',
  }))
}

/** Lists among the values are compared by what is in them. */
const differ = (a: unknown, b: unknown) => a !== b && JSON.stringify(a) !== JSON.stringify(b)

/** `sam_rho=0.05 run_seed=1` */
export const changesText = (changes: readonly Change[]): string =>
  changes.map(({ name, value }) => `${name}=${value}`).join(' ')
