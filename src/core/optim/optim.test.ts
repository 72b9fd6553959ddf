import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { clippedNorm } from '../../engine/ops/norm/norm'
import * as tf from '../../engine/tf'
import { vectorMath } from '../step/vectorMath'
import { emaDecayAt, emaUpdate } from './ema'
import { ascend } from './methods/ascent'
import { exponentialLambda, learningRateAt } from './schedule'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

describe('clipping', () => {
  it('keeps a short gradient’s bits and scales a long one to the limit', async () => {
    const short = clippedNorm(tf.tensor1d([0.3, 0.1]), 1)
    expect((await short.factor.data())[0]).toBe(1)
    const long = clippedNorm(tf.tensor1d([3, 4]), 0.5)
    expect((await long.norm.data())[0]).toBe(5)
    expect((await long.clipped.data())[0]).toBeCloseTo(0.5, 6)
    expect((await long.factor.data())[0]).toBeCloseTo(0.1, 6)
  })

  it('is off at 0', async () => {
    expect((await clippedNorm(tf.tensor1d([3, 4]), 0).norm.data())[0]).toBe(5)
  })
})

describe('the perturbation', () => {
  it('has length ρ along the gradient', async () => {
    const moved = await ascend(vectorMath, tf.tensor1d([1, 1]), tf.tensor1d([3, 4]), tf.scalar(0.5)).data()
    expect(moved[0]).toBeCloseTo(1.3, 6)
    expect(moved[1]).toBeCloseTo(1.4, 6)
  })

  it('is none at a zero gradient', async () => {
    expect([
      ...(await ascend(vectorMath, tf.tensor1d([1, 2]), tf.tensor1d([0, 0]), tf.scalar(0.5)).data()),
    ]).toEqual([1, 2])
  })

  it('is never longer than ρ, even where the squares of the gradient vanish', async () => {
    const moved = await ascend(
      vectorMath,
      tf.tensor1d([0, 0]),
      tf.tensor1d([1e-25, 0]),
      tf.scalar(0.5),
    ).data()
    expect(Math.abs(moved[0])).toBeLessThanOrEqual(0.5)
  })
})

describe('the average', () => {
  it('copies the weights until the warm-up ends, then decays', async () => {
    expect(emaDecayAt(1559, 0.999)).toBe(0)
    expect(emaDecayAt(1550, 0.999)).toBe(0)
    expect(emaDecayAt(1560, 0.999)).toBeCloseTo(0.1, 7)
    expect(emaDecayAt(1e6, 0.999)).toBe(0.999)
    const copied = emaUpdate(tf.tensor1d([9]), tf.tensor1d([2]), tf.scalar(0))
    expect((await copied.data())[0]).toBe(2)
  })
})

describe('learning rates', () => {
  const config = {
    learning_rate: 0.1,
    num_epochs: 4,
    use_learning_rate_schedule: true,
    lr_schedule: 'cosine' as 'cosine' | 'exponential',
  }

  it('follow the cosine to 0 at the last step', () => {
    expect(learningRateAt(config, 0, 10)).toBe(0.1)
    expect(learningRateAt(config, 20, 10)).toBeCloseTo(0.05, 12)
    expect(learningRateAt(config, 40, 10)).toBe(0)
  })

  it('fall exponentially to 1.2 %, and start at the base rate', () => {
    const exponential = { ...config, lr_schedule: 'exponential' as const }
    expect(learningRateAt(exponential, 0, 10)).toBe(0.1)
    expect(learningRateAt(exponential, 40, 10)).toBeCloseTo(0.0012, 12)
    expect(exponentialLambda(2)).toBeCloseTo(0.45219725287419776, 12)
  })

  it('stay constant without a schedule', () => {
    expect(learningRateAt({ ...config, use_learning_rate_schedule: false }, 33, 10)).toBe(0.1)
  })
})
