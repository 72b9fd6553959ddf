/** Going on from a run's checkpoint under other settings. */
import { BasinError } from '../../base/errors'
import { fieldMeta, type RunConfig } from '../../core/config/schema'
import { stepsAnEpoch } from '../../core/config/steps'
import type { Dataset } from '../../core/data/dataset'
import type { Checkpoint } from '../../core/library/checkpoints'
import { createNetwork } from '../../core/models/registry'
import { LANE_FIELDS } from '../../core/runs/laneFields'
import type { RunKey } from '../../core/runs/metrics'
import { type RunSpec, runSpecs } from '../../core/runs/runSpec'
import type { RunSnapshot } from '../../core/session/sessionTypes'
import { fitWeights, stateFrom } from '../../core/weights/fitWeights'

/**
 * A fork sees the batches and gates that its parent would have seen, so all that decides over them stays.
 * @throws BasinError `config` naming the first setting that may not change
 */
export function checkFork(config: RunConfig, parent: RunConfig): void {
  for (const spec of runSpecs(config)) {
    const other = LANE_FIELDS.find(
      (name) => JSON.stringify(spec.config[name]) !== JSON.stringify(parent[name]),
    )
    if (other) {
      throw new BasinError(
        'config',
        `${other}: as in the run that is forked (${parent[other]}), got ${spec.config[other]}`,
        `${fieldMeta(other).label} decides what a run sees; start a new run to change it.`,
      )
    }
  }
}

/**
 * Every run of `config` from the parent's weights, statistics and average. What its method or optimizer keeps and the
 * parent did not begins as it does in a new run.
 * @throws BasinError `tensor-mismatch`; `config` where the run would be over before the checkpoint
 */
export function forkedFrom(
  { decoded, facts, step, path }: Checkpoint,
  config: RunConfig,
  datasetOf: (spec: RunSpec) => Dataset,
): Record<RunKey, RunSnapshot> {
  return Object.fromEntries(
    runSpecs(config).map((spec) => {
      const { classNames, train } = datasetOf(spec)
      const network = createNetwork(spec.config, datasetOf(spec), classNames.length)
      const totalSteps = stepsAnEpoch(train.count, spec.config) * spec.config.num_epochs
      if (step >= totalSteps) {
        throw new BasinError(
          'config',
          `num_epochs: more than the ${step} steps of ${path}, got ${totalSteps} steps in all`,
          'Set more epochs, or fork an earlier checkpoint.',
        )
      }
      const { gradientEvaluations, seconds, evaluatedAt } = facts
      const counters = { step, gradientEvaluations, seconds, evaluatedAt }
      return [spec.key, { ...stateFrom(fitWeights(decoded, network), spec.config), ...counters }]
    }),
  )
}
