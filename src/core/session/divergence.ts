/** When a run has left the numbers, and when it has never come alive: what is checked and what is said. */
import { BasinError } from '../../base/errors'
import type { LossName } from '../config/losses'
import type { StepMetrics } from '../runs/metrics'
import type { MetricsBuffer } from '../runs/metricsBuffer'
import type { RunSpec } from '../runs/runSpec'
import { guessingLoss } from '../step/loss'

const NAMES = { loss: 'training loss', gradientNorm: 'gradient norm', paramNorm: 'parameter norm' } as const

/** A loss of so many times the start's comes back no more, though it may stay finite for a long time. */
const LOST = 1000

/**
 * What is not finite in this row, or beyond all learning, in words; undefined when all is well. NaN in `perturbedLoss`
 * means not measured.
 * @param startLoss of the run's first step, or of guessing, which a run that goes on from good weights is measured by
 */
export function whatDiverged(row: StepMetrics, startLoss: number): string | undefined {
  for (const key of ['loss', 'gradientNorm', 'paramNorm'] as const) {
    if (!Number.isFinite(row[key])) return `the ${NAMES[key]} must be finite, got ${row[key]}`
  }
  if (row.loss <= LOST * startLoss) return undefined
  const [start, loss] = [startLoss, row.loss].map((value) => value.toPrecision(3).replace('e+', 'e'))
  return `the ${NAMES.loss} must stay below ${LOST} times the start’s, which was ${start}, got ${loss}`
}

/** @param keptStep the step whose weights are kept */
export function divergedError(
  run: Pick<RunSpec, 'label' | 'config'>,
  step: number,
  what: string,
  keptStep: number,
): BasinError {
  const advice =
    run.config.sam_rho > 0
      ? 'Try a lower learning rate, a smaller ρ, or gradient clipping.'
      : 'Try a lower learning rate or gradient clipping.'
  return new BasinError(
    'diverged',
    `${run.label}, step ${step}: ${what}`,
    `The weights of step ${keptStep} are kept. ${advice}`,
  )
}

/** Steps after which a run that learns anything has left chance: two epochs, at least 50 steps and at most 200. */
export function deadCheckStep(stepsPerEpoch: number): number {
  return Math.min(200, Math.max(50, 2 * stepsPerEpoch))
}

/**
 * True when the recent training error is still that of guessing. A dead network answers the same for every image:
 * its error is 1 − 1/C and its loss that of guessing. The loss is looked at too, because SAM's error rate is measured at
 * the perturbed weights, where a healthy run can be at chance for a while.
 */
export function looksDead(history: MetricsBuffer, numClasses: number, loss: LossName): boolean {
  const recent = 20
  return (
    history.recentMean('errorRate', recent) >= 0.97 * (1 - 1 / numClasses) &&
    history.recentMean('loss', recent) >= 0.9 * guessingLoss(loss, numClasses)
  )
}

export const DEAD_HINT =
  'The training error is still at chance. A network whose units have died learns nothing, and a dead network is flat too: its landscape says nothing about SAM. Try a lower learning rate or a smaller ρ.'
