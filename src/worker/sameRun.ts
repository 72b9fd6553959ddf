/** Whether two configs would give the same numbers. */
import { FIELD_NAMES, fieldMeta, type RunConfig } from '../core/config/schema'

/** Fields that only say where files go or what is measured beside the run do not count. */
export function sameRun(a: RunConfig, b: RunConfig): boolean {
  return FIELD_NAMES.every(
    (name) => fieldMeta(name).harmless || JSON.stringify(a[name]) === JSON.stringify(b[name]),
  )
}
