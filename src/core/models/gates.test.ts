import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../base/random'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { drawGates, gatesOfStep, scaleByGate } from './gates'
import { initBatchStats, initTheta } from './init'
import type { GateLayout } from './network'
import { shakeShake } from './shakeShake'

beforeAll(async () => {
  await initBackend('cpu')
})

const layout: GateLayout = {
  entries: [
    { name: 'kept', width: 1, offset: 0, distribution: { kind: 'bernoulli', probability: 0.8 } },
    { name: 'alpha', width: 1, offset: 1, distribution: { kind: 'uniform', low: -1, high: 1 } },
    { name: 'dropout', width: 3, offset: 2, distribution: { kind: 'bernoulli', probability: 0.5 } },
  ],
  width: 5,
}

describe('gates', () => {
  it('have their distributions, example by example', () => {
    const count = 4000
    const rows = drawGates(layout, count, randomStream(1, 'gates'))
    const column = (c: number) => Array.from({ length: count }, (_, n) => rows[n * 5 + c])
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
    expect(mean(column(0))).toBeCloseTo(0.8, 1)
    expect(new Set(column(0))).toEqual(new Set([0, 1]))
    expect(mean(column(1))).toBeCloseTo(0, 1)
    expect(mean(column(1).map((value) => value * value))).toBeCloseTo(1 / 3, 1)
    expect(Math.min(...column(1))).toBeGreaterThanOrEqual(-1)
    expect(Math.max(...column(1))).toBeLessThan(1)
    for (const c of [2, 3, 4]) expect(mean(column(c))).toBeCloseTo(0.5, 1)
  })

  it('are those of the seed and the step, whatever came before', () => {
    const draws = gatesOfStep(layout, 8, 3, 17)
    expect(gatesOfStep(layout, 8, 3, 17)).toEqual(draws)
    expect(gatesOfStep(layout, 8, 3, 18)).not.toEqual(draws)
    expect(gatesOfStep(layout, 8, 4, 17)).not.toEqual(draws)
  })
})

describe('a gate with another backward factor', () => {
  const x = () => tf.tensor4d([1, 2, -3, 4], [2, 1, 1, 2])
  const forward = () => tf.tensor4d([0.25, 0.5], [2, 1, 1, 1])
  const backward = () => tf.tensor4d([3, 7], [2, 1, 1, 1])

  it('is the forward one in the value and the backward one in the gradient', async () => {
    const f = (v: tf.Tensor) => tf.sum(tf.square(scaleByGate(v as tf.Tensor4D, forward(), backward())))
    expect(Array.from(await scaleByGate(x(), forward(), backward()).data())).toEqual([0.25, 0.5, -1.5, 2])
    // d/dx = 2·(forward·x)·backward
    expect(Array.from(await tf.grad(f)(x()).data())).toEqual([1.5, 3, -21, 28])
  })

  it('can be differentiated twice: a Hessian-vector product', async () => {
    const f = (v: tf.Tensor) => tf.sum(tf.square(scaleByGate(v as tf.Tensor4D, forward(), backward())))
    const along = tf.grad((v: tf.Tensor) => tf.sum(tf.mul(tf.grad(f)(v), x())))
    // The gradient 2·forward·backward·x, differentiated as it was computed: the inner gate again backwards.
    expect(Array.from(await along(x()).data())).toEqual([18, 36, -294, 392])
  })
})

describe('Shake-Shake with its true gradient', () => {
  it('is the function that finite differences see', async () => {
    const network = shakeShake([4, 4, 1], 2, { name: 'tiny', blocksPerGroup: 1, widthMultiplier: 0.125 })
    const theta = initTheta(network, 5)
    const stats = tf.tensor1d(initBatchStats(network))
    const random = randomStream(2, 'slices')
    const images = tf.tensor4d(
      Float32Array.from({ length: 48 }, () => random.normal()),
      [3, 4, 4, 1],
    )
    const gates = tf.tensor2d(gatesOfStep(network.gates, 3, 0, 0), [3, network.gates.width])
    const length = Math.sqrt(theta.length)
    const direction = Float32Array.from({ length: theta.length }, () => random.normal() / length)
    const at = (step: number) => tf.tensor1d(theta.map((value, i) => value + step * direction[i]))
    const loss = (t: tf.Tensor, trueGradient: boolean): tf.Scalar => {
      const { logits } = network.forward(t as tf.Tensor1D, stats, images, true, { gates, trueGradient })
      return tf.sum(tf.square(logits))
    }
    const slope = async (trueGradient: boolean) => {
      const gradient = tf.grad((t: tf.Tensor) => loss(t, trueGradient))(at(0))
      return (await tf.dot(gradient as tf.Tensor1D, tf.tensor1d(direction)).data())[0]
    }
    const h = 2e-3
    const [up] = await loss(at(h), true).data()
    const [down] = await loss(at(-h), true).data()
    const difference = (up - down) / (2 * h)
    expect(Math.abs((await slope(true)) - difference)).toBeLessThan(0.01 * Math.abs(difference))
    expect(Math.abs((await slope(false)) - difference)).toBeGreaterThan(0.05 * Math.abs(difference))
  })
})
