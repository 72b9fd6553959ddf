/** One run, or the pair of a comparison. */
import type { RunConfig } from '../config/schema'
import type { RunSpec } from '../session/sessionTypes'

/** The runs that a config asks for. */
export function runSpecs(config: RunConfig): RunSpec[] {
  const sgd: RunSpec = { id: 'sgd', rho: 0 }
  const sam: RunSpec = { id: 'sam', rho: config.sam_rho }
  if (config.sam_rho === 0) return [sgd]
  return config.compare ? [sgd, sam] : [sam]
}
