/** What a run would be with SGD at the same cost. */
import type { RunConfig } from '../config/schema'
import { costOf } from '../optim/methods'

/**
 * SGD for as many gradients as such a run evaluates, its schedule stretched over them: what to change in the run's
 * settings. In whole epochs, at least one: never more than half an epoch away.
 * @param stepsPerEpoch of the run
 */
export function sgdAtEqualCost(
  config: RunConfig,
  stepsPerEpoch: number,
): Pick<RunConfig, 'sam_rho' | 'num_epochs'> {
  const steps = stepsPerEpoch * config.num_epochs
  return { sam_rho: 0, num_epochs: Math.max(1, Math.round(costOf(config, steps, steps) / stepsPerEpoch)) }
}
