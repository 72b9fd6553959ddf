/** What a session will cost, before it starts: optimizer steps and gradient evaluations. */
import type { RunConfig } from '../../core/config/schema'
import { stepsAnEpoch } from '../../core/config/steps'
import { gradientsOf } from '../../core/runs/runSpec'
import { knownDataset } from '../../worker/dataProtocol'
import { formRuns } from '../runs/shownRuns'

export interface SessionCost {
  /** Of each run. */
  steps: number[]
  /** Over all runs. */
  gradientEvaluations: number
}

/** @param numTrain images of a data set that is here */
export function sessionCost(
  config: RunConfig,
  numTrain: (dataset: string) => number | undefined = () => undefined,
): SessionCost {
  const runs = formRuns(config)
  const steps = runs.map((run) => stepsOf(run.config, numTrain(run.config.dataset)))
  const gradients = runs.map((run, i) => (Number.isFinite(steps[i]) ? gradientsOf(run, steps[i]) : steps[i]))
  return { steps, gradientEvaluations: gradients.reduce((sum, count) => sum + count, 0) }
}

/** Of a run, before its data set is loaded; Infinity where nothing is known of it. */
export function stepsOf(config: RunConfig, numTrain?: number): number {
  const whole = numTrain ?? knownDataset(config.dataset)?.numTrain ?? Number.POSITIVE_INFINITY
  const images = Math.min(config.num_train_examples ?? Number.POSITIVE_INFINITY, whole)
  return (Number.isFinite(images) ? stepsAnEpoch(images, config) : images) * config.num_epochs
}
