/** The part of training in which a method is on; outside it the step is SGD's. */
import { BasinError } from '../../../base/errors'
import { real } from '../../settingTypes'
import { field } from './method'

export const windowFields = {
  sam_from: field(real(0, 1, 0), {
    label: 'On from',
    step: 0.05,
    help: 'Share of the steps after which the method is turned on; before it every step is SGD’s and costs one gradient.',
  }),
  sam_until: field(real(0, 1, 1), {
    label: 'On until',
    step: 0.05,
    help: 'Share of the steps at which it is turned off again. 1 is the end.',
  }),
}

export interface WindowSettings {
  sam_from: number
  sam_until: number
}

/**
 * sam_from ≤ t/T < sam_until. A run that goes on past its last step stays as it is there.
 * @param totalSteps T; undefined only where the method is on throughout
 */
export function isOn({ sam_from, sam_until }: WindowSettings, step: number, totalSteps?: number): boolean {
  if (sam_from === 0 && sam_until === 1) return true
  if (totalSteps === undefined) throw new BasinError('internal', 'sam_from, sam_until: of how many steps?')
  return step / totalSteps >= sam_from && (sam_until === 1 || step / totalSteps < sam_until)
}

export const windowProblem = ({ sam_from, sam_until }: WindowSettings): string | undefined =>
  sam_from < sam_until
    ? undefined
    : `sam_until: above sam_from (${sam_from}), got ${sam_until}. Between them the method is on.`
