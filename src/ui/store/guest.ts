import type { RunConfig } from '../../core/config/schema'
import type { RunKey } from '../../worker/protocol'

/** Of a run from a file of a measure. */
export interface Guest {
  key: RunKey
  label: string
  config: RunConfig
  /** What tells it from others: the same weights under the same name are the same run in every file. */
  origin: string
}
