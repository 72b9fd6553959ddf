/**
 * What a recipe draws: the operations of every image, the square and the share of every batch. Whoever does them, a
 * thread or the device, gets them from here, so that the same seed is the same pixels wherever they are made.
 */
import { itemStreams, type RandomStream, randomStream } from '../../../base/random'
import { drawBeta } from './beta'
import type { Centre } from './erase'
import type { PlannedOp } from './ops'
import { POLICIES } from './policies'
import { type Draws, planAutoAugment, planRandAugment } from './policyDraws'
import type { Recipe } from './recipe'

/** Share of its own that each image of a step keeps before the larger one is taken; undefined without mixup. */
export function mixupShare({ seed, mixupAlpha }: Recipe, step: number): number | undefined {
  return mixupAlpha > 0 ? drawBeta(mixupAlpha, randomStream(seed, 'mixing', 2 * step)) : undefined
}

/** Where the square of a step's cutout has its centre; undefined without cutout. */
export function cutoutCentre(
  { seed, cutoutLength, imagenet, input, stored }: Recipe,
  step: number,
): Centre | undefined {
  if (cutoutLength === 0) return undefined
  const { height, width } = imagenet ? input : stored
  const random = randomStream(seed, 'mixing', 2 * step + 1)
  const row = random.int(height)
  return { row, column: random.int(width) }
}

export class Planner {
  readonly #recipe: Recipe
  #streams: { epoch: number; of: (index: number) => RandomStream } | undefined

  constructor(recipe: Recipe) {
    this.#recipe = recipe
  }

  /** @returns the operations of image `index` of the training split in this epoch, in order */
  opsOf(epoch: number, index: number): readonly PlannedOp[] {
    const { policy, imagenet, input, stored, seed } = this.#recipe
    if (!policy) return []
    if (this.#streams?.epoch !== epoch) {
      this.#streams = { epoch, of: itemStreams(seed, 'policy', epoch) }
    }
    const draws = drawsOf(this.#streams.of(index))
    const shape = imagenet ? input : stored
    if (policy.kind === 'randaugment') {
      return planRandAugment(policy.numLayers, policy.magnitude, policy.limits, shape, draws)
    }
    return planAutoAugment(POLICIES[policy.policy], policy.limits, shape, draws)
  }
}

function drawsOf(random: RandomStream): Draws {
  return { int: (n) => random.int(n), unit: () => random.int(2 ** 23) / 2 ** 23 }
}
