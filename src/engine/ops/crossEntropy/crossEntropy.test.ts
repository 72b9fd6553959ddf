import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../tf'
import {
  crossEntropyPerExample,
  errorPerExample,
  maskedMean,
  smoothLabels,
  topKErrorPerExample,
} from './crossEntropy'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

const logits = () =>
  tf.tensor2d([
    [2, -1, 0.5],
    [0, 0.3, -0.2],
  ])
const labels = () =>
  tf.tensor2d([
    [1, 0, 0],
    [0, 0, 1],
  ])

/** −Σ y log softmax(z), in float64. */
function byHand(z: number[], y: number[]): number {
  const total = z.reduce((sum, value) => sum + Math.exp(value), 0)
  return -y.reduce((sum, target, i) => sum + target * (z[i] - Math.log(total)), 0)
}

describe('cross-entropy', () => {
  it('is −Σ y·log p, smoothed or not', async () => {
    const plain = await crossEntropyPerExample(logits(), labels()).data()
    expect(plain[0]).toBeCloseTo(byHand([2, -1, 0.5], [1, 0, 0]), 6)
    const smoothed = await crossEntropyPerExample(logits(), smoothLabels(labels(), 0.3)).data()
    expect(smoothed[1]).toBeCloseTo(byHand([0, 0.3, -0.2], [0.1, 0.1, 0.8]), 6)
  })

  it('stays finite for huge logits', async () => {
    const [value] = await crossEntropyPerExample(tf.tensor2d([[1000, 0]]), tf.tensor2d([[0, 1]])).data()
    expect(value).toBe(1000)
  })

  it('has the gradient p − y', async () => {
    const gradient = tf.grad((z: tf.Tensor) => tf.sum(crossEntropyPerExample(z as tf.Tensor2D, labels())))(
      logits(),
    )
    const p = await tf.softmax(logits()).data()
    const y = await labels().data()
    const g = await gradient.data()
    for (let i = 0; i < 6; i++) expect(g[i]).toBeCloseTo(p[i] - y[i], 6)
  })

  it('has the second derivative (diag p − p·pᵀ)·Σy, and can give it', async () => {
    const v = tf.tensor2d([
      [0.5, -1, 2],
      [1, 1, -0.3],
    ])
    const gradient = tf.grad((z: tf.Tensor) => tf.sum(crossEntropyPerExample(z as tf.Tensor2D, labels())))
    const product = tf.grad((z: tf.Tensor) => tf.sum(tf.mul(gradient(z), v)))(logits())
    const p = (await tf.softmax(logits()).array()) as number[][]
    const direction = (await v.array()) as number[][]
    const actual = await product.data()
    p.forEach((row, n) => {
      const mean = row.reduce((sum, value, i) => sum + value * direction[n][i], 0)
      row.forEach((value, i) => {
        expect(actual[n * 3 + i]).toBeCloseTo(value * (direction[n][i] - mean), 6)
      })
    })
  })

  it('reports a diverged loss as NaN, not as 0', async () => {
    const value = maskedMean(crossEntropyPerExample(tf.tensor2d([[Number.NaN, 0]]), tf.tensor2d([[0, 1]])))
    expect((await value.data())[0]).toBeNaN()
  })
})

describe('errors', () => {
  it('count the examples whose likeliest class is another', async () => {
    expect([...(await errorPerExample(logits(), labels()).data())]).toEqual([0, 1])
  })

  it('are averaged over the mask; an empty one gives 0', async () => {
    const rows = errorPerExample(logits(), labels())
    expect((await maskedMean(rows, tf.tensor1d([0, 1])).data())[0]).toBe(1)
    expect((await maskedMean(rows, tf.tensor1d([0, 0])).data())[0]).toBe(0)
  })

  it('of top-k count labels that are not among the k likeliest', async () => {
    const z = tf.tensor2d([
      [5, 4, 3, 2],
      [5, 4, 3, 2],
    ])
    const y = tf.tensor2d([
      [0, 1, 0, 0],
      [0, 0, 0, 1],
    ])
    expect([...(await topKErrorPerExample(z, y, 2).data())]).toEqual([0, 1])
    expect([...(await topKErrorPerExample(z, y, 1).data())]).toEqual([1, 1])
  })
})
