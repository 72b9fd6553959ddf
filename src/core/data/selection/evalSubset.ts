/** The fixed images that the evaluations during training look at. */
import { randomStream } from '../../../base/random'

/**
 * @param count images there are
 * @param n images wanted; at least `count` gives all of them
 * @returns ascending indices, the same for the same arguments; a smaller n is part of a larger one
 */
export function evalSubset(count: number, n: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  if (n >= count) return order
  return randomStream(seed, 'evaluation').shuffle(order).slice(0, n).sort()
}
