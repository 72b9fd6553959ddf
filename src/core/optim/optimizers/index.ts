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

const keeps = ({ slots }: Optimizer, name: string) => slots.some((slot) => slot.name === name)

/** The first that keeps all of these slots that any optimizer keeps (others are a method's); undefined where none does. */
export function optimizerKeeping(names: readonly string[]): Optimizer | undefined {
  const own = names.filter((name) => OPTIMIZERS.some((optimizer) => keeps(optimizer, name)))
  return OPTIMIZERS.find((optimizer) => own.every((name) => keeps(optimizer, name)))
}
