/** The methods there are: a new one is a file beside this and a line in the list. */
import type { Method, MethodSettings } from './method'
import { sam } from './sam'
import { sgd } from './sgd'

export const METHODS: readonly Method[] = [sgd, sam]

/** The one that the settings ask for. */
export function methodOf(settings: MethodSettings): Method {
  return METHODS.find((method) => method.takes(settings))!
}

/** Gradient evaluations of the first `steps` updates. */
export function costOf(settings: MethodSettings, steps: number): number {
  const method = methodOf(settings)
  let sum = 0
  for (let step = 0; step < steps; step++) sum += method.cost(settings, step)
  return sum
}
