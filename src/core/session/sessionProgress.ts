/** How far a session is, and what is left at the rate it goes. */
import type { Lane } from './lane'
import type { RateMeter } from './rateMeter'
import type { SessionRun } from './sessionRun'
import type { SessionProgress } from './sessionTypes'

/** @param behind the run that is furthest behind */
export function standingOf(
  runs: readonly SessionRun[],
  behind: SessionRun,
  { stepsPerSecond, dataWaitShare }: RateMeter,
): Omit<SessionProgress, 'phase' | 'batchesDone' | 'batchesTotal'> {
  const { step, totalSteps } = behind
  const lanes = new Set(runs.map(({ lane }) => lane))
  const left = [...lanes].reduce((sum, lane) => sum + stepsLeft(runs, lane), 0)
  return {
    step,
    totalSteps,
    stepsPerSecond,
    imagesPerSecond: stepsPerSecond * behind.lane.imagesPerStep,
    dataWaitShare,
    secondsLeft: stepsPerSecond > 0 ? left / stepsPerSecond : undefined,
  }
}

/** Of the run of a lane that has most to do. */
function stepsLeft(runs: readonly SessionRun[], lane: Lane): number {
  const left = runs.filter((run) => run.lane === lane && run.going).map((run) => run.totalSteps - run.step)
  return Math.max(0, ...left)
}
