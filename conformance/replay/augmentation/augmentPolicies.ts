/**
 * Kinds `autoaugment` and `randaugment`: whole runs with every draw given, in the order in which ours are made.
 * Tensors: the images, and the result under the name that `result` says.
 */
import { AUTOAUGMENT_LIMITS, RANDAUGMENT_LIMITS } from '../../../src/core/data/augment/ops'
import { POLICIES } from '../../../src/core/data/augment/policies'
import { type Draws, planAutoAugment, planRandAugment } from '../../../src/core/data/augment/policyDraws'
import { z } from '../../../src/core/zod'
import { Unsupported } from '../../golden'
import { kind } from '../kind'
import { needTensor } from '../vectors'
import { afterOps, comparePixels, shapeOf } from './augmentImages'
import { opName } from './augmentOps'

const run = {
  image: z.string(),
  result: z.string(),
  draws: z.strictObject({ ints: z.array(z.number()), units: z.array(z.number()) }),
}

const autoFields = z.strictObject({
  ...run,
  /** A table's name, or sub-policies of [operation, probability, level]. */
  policy: z.union([
    z.enum(['cifar', 'svhn', 'imagenet']),
    z.array(z.array(z.tuple([opName, z.number(), z.number()]))),
  ]),
})

const randFields = z.strictObject({ ...run, num_layers: z.number(), magnitude: z.number() })

export const autoAugment = kind('autoaugment', autoFields, async (one, checks, { tensors }) => {
  const image = needTensor(tensors, one.image)
  const policy = typeof one.policy === 'string' ? POLICIES[one.policy] : one.policy
  const ops = planAutoAugment(policy, AUTOAUGMENT_LIMITS, shapeOf(image), listed(one.draws))
  comparePixels(checks, one.result, afterOps(image, ops), tensors)
})

export const randAugment = kind('randaugment', randFields, async (one, checks, { tensors }) => {
  const image = needTensor(tensors, one.image)
  const { num_layers, magnitude } = one
  const ops = planRandAugment(num_layers, magnitude, RANDAUGMENT_LIMITS, shapeOf(image), listed(one.draws))
  comparePixels(checks, one.result, afterOps(image, ops), tensors)
})

function listed(draws: { ints: readonly number[]; units: readonly number[] }): Draws {
  const [ints, units] = [[...draws.ints], [...draws.units]]
  const next = (values: number[]) => {
    const value = values.shift()
    if (value === undefined) throw new Unsupported('fewer draws than the run needs')
    return value
  }
  return { int: () => next(ints), unit: () => next(units) }
}
