/** The fixed training images that measures look at. */
import { randomStream } from '../../../base/random'

/**
 * The images of every slice and every λ₁ of this seed: the first `count` of a seeded shuffle, so a smaller subset is part of a
 * larger one, and all slices of runs with the same data look at the same images.
 */
export function sliceImages(trainCount: number, count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: trainCount }, (_, i) => i)
  randomStream(seed, 'slices').shuffle(order)
  return order.subarray(0, Math.min(count, trainCount)).sort()
}
