/** The level at which basins are compared: one for all runs of one loss on the same data; others' losses say nothing about it. */
import { guessingLoss } from '../step/loss'
import type { SliceTarget } from './slice'
import { compareLevel } from './width'

/** @param centres loss of each target at its own weights @returns undefined where it is not known yet */
export function levelsOf(
  targets: readonly SliceTarget[],
  centres: readonly number[],
): (number | undefined)[] {
  return targets.map(({ probe: { dataset, loss }, network }) => {
    const alike = centres.filter((_, t) => {
      const { probe } = targets[t]
      return probe.dataset === dataset && probe.loss === loss
    })
    return alike.every(Number.isFinite)
      ? compareLevel(alike, guessingLoss(loss, network.numClasses))
      : undefined
  })
}
