/** The two kinds of momentum against the same lines in double precision, and that nothing said is what there always was. */
import '@tensorflow/tfjs-backend-cpu'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf'
import { nesterov } from './optimizers/nesterov'
import type { MomentumSettings, OptimizerVectors } from './optimizers/optimizer'
import { rmsprop } from './optimizers/rmsprop'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

const RATE = 0.1

async function trained(
  gradients: readonly number[][],
  settings?: MomentumSettings,
  { update, slots } = nesterov,
): Promise<number[]> {
  const size = gradients[0].length
  let vectors: OptimizerVectors = { theta: tf.zeros([size]) }
  for (const { name, initial } of slots) vectors[name] = tf.fill([size], initial)
  for (const g of gradients) {
    vectors = update(vectors, tf.tensor1d(g), { rate: tf.scalar(RATE), factor: tf.scalar(1) }, settings)
  }
  return [...(await vectors.theta.data())]
}

const gradients = fc.array(
  fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 }),
  {
    minLength: 1,
    maxLength: 6,
  },
)

describe('momentum', () => {
  it('is Nesterov’s or Polyak’s with any β', async () => {
    await fc.assert(
      fc.asyncProperty(
        gradients,
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.boolean(),
        async (steps, beta, isNesterov) => {
          const found = await trained(steps, { momentum: beta, nesterov: isNesterov })
          found.forEach((value, i) => {
            let [w, m] = [0, 0]
            for (const g of steps) {
              m = beta * m + g[i]
              w -= RATE * (isNesterov ? g[i] + beta * m : m)
            }
            expect(value).toBeCloseTo(w, 4)
          })
        },
      ),
      { numRuns: 40 },
    )
  })

  it('of 0 is gradient descent either way, to the bit', async () => {
    const steps = [
      [0.3, -1.7, 2.2],
      [0.1, 0.2, -0.4],
    ]
    const [first, second] = await Promise.all(
      [true, false].map((isNesterov) => trained(steps, { momentum: 0, nesterov: isNesterov })),
    )
    expect(first).toEqual(second)
  })

  it('that nobody set is 0.9 of Nesterov’s, to the bit', async () => {
    const steps = Array.from({ length: 5 }, (_, k) => [Math.sin(k + 1), Math.cos(k), 0.1 * k])
    const usual = { momentum: 0.9, nesterov: true }
    for (const optimizer of [nesterov, rmsprop]) {
      expect(await trained(steps, undefined, optimizer)).toEqual(await trained(steps, usual, optimizer))
    }
  })
})
