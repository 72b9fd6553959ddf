/** Whether weights of one run are weights of another. */
import { BasinError } from '../../base/errors'
import type { Network } from '../models/network'
import type { MeasuredRun } from './measures/measure'

type Sized = Pick<MeasuredRun, 'network'>

export function isSameNetwork(a: Sized, b: Sized): boolean {
  const shapes = ({ params, stats }: Network) =>
    JSON.stringify([...params.entries, ...stats.entries].map(({ name, shape }) => [name, shape]))
  return a.network === b.network || shapes(a.network) === shapes(b.network)
}

/** @param what needs it, for the message @throws BasinError `unsupported` */
export function checkSameNetwork(what: string, from: Sized, to: Sized): void {
  if (isSameNetwork(from, to)) return
  const size = ({ network }: Sized) => `${network.name} of ${network.params.size} parameters`
  throw new BasinError(
    'unsupported',
    `${what}: two runs of one network, got ${size(from)} and ${size(to)}`,
    'Choose two runs with the same network and layer sizes.',
  )
}
