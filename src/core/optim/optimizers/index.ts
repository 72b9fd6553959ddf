/** The optimizers there are: a new one is a file beside this and a line in the list. */
import type { RunConfig } from '../../config/schema'
import { nesterov } from './nesterov'
import type { Optimizer } from './optimizer'
import { rmsprop } from './rmsprop'

export const OPTIMIZERS: readonly Optimizer[] = [nesterov, rmsprop]

/** The one that the settings ask for. */
export function optimizerOf({ use_rmsprop }: Pick<RunConfig, 'use_rmsprop'>): Optimizer {
  return OPTIMIZERS.find(({ settings }) => settings.use_rmsprop === use_rmsprop)!
}

/** The first that keeps all slots of these names; undefined where none does. */
export function optimizerKeeping(names: readonly string[]): Optimizer | undefined {
  return OPTIMIZERS.find(({ slots }) => names.every((name) => slots.some((slot) => slot.name === name)))
}
