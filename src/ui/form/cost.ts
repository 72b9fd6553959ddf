/** What a run will cost, before it starts: optimizer steps and gradient evaluations. */
import type { RunConfig } from '../../core/config/schema'
import { knownDataset } from '../../worker/dataProtocol'
import { gradientsPerStep, runsOf } from '../store/labStore'

export interface Cost {
  runs: number
  stepsPerEpoch: number
  /** Per run. */
  steps: number
  /** Over all runs. */
  gradientEvaluations: number
}

export function costOf(config: RunConfig, numTrain?: number): Cost {
  const whole = numTrain ?? knownDataset(config.dataset)?.numTrain ?? Infinity
  const images = Math.min(config.num_train_examples ?? Infinity, whole)
  const stepsPerEpoch = Math.floor(images / config.batch_size)
  const steps = stepsPerEpoch * config.num_epochs
  const runs = runsOf(config)
  return { runs: runs.length, stepsPerEpoch, steps, gradientEvaluations: steps * gradientsPerStep(runs) }
}
