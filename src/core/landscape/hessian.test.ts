import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../base/random'
import { registerOps } from '../../engine/ops'
import { crossEntropyPerExample } from '../../engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../engine/tf'
import { FAMILY_NAMES, familyCase } from './familyHessian.testing'
import { differenceProduct, normal, productOf, relative, smoothLosses, torchCase } from './hessian.testing'

beforeAll(async () => {
  await tf.setBackend('cpu')
  registerOps()
})

/** A 3–4–3 network with tanh and cross-entropy, in double precision and plain loops. */
function doubleLoss(theta: ArrayLike<number>, x: Float32Array, labels: number[]): number {
  let total = 0
  labels.forEach((label, n) => {
    const hidden = [0, 1, 2, 3].map((j) => {
      let z = theta[12 + j]
      for (let i = 0; i < 3; i++) z += x[3 * n + i] * theta[4 * i + j]
      return Math.tanh(z)
    })
    const logits = [0, 1, 2].map((c) => {
      let z = theta[28 + c]
      hidden.forEach((h, j) => {
        z += h * theta[16 + 3 * j + c]
      })
      return z
    })
    total += Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - logits[label]
  })
  return total / labels.length
}

describe('Hessian-vector products', () => {
  it('are the columns of the dense Hessian that double-precision differences give', async () => {
    const random = randomStream(31, 'init')
    const [x, theta, labels] = [normal(random, 15), normal(random, 31), [0, 1, 2, 2, 0]]
    const inputs = tf.tensor2d(x, [5, 3])
    const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), 3).toFloat() as tf.Tensor2D
    const loss = (t: tf.Tensor1D) => {
      const [w1, b1, w2, b2] = tf.split(t, [12, 4, 12, 3])
      const h = tf.tanh(tf.add(tf.matMul(inputs, tf.reshape(w1, [3, 4]) as tf.Tensor2D), b1)) as tf.Tensor2D
      const logits = tf.add(tf.matMul(h, tf.reshape(w2, [4, 3]) as tf.Tensor2D), b2) as tf.Tensor2D
      return tf.mean(crossEntropyPerExample(logits, targets)) as tf.Scalar
    }
    const h = 1e-4
    const shifted = (i: number, a: number, j: number, b: number) => {
      const moved = Float64Array.from(theta)
      moved[i] += a * h
      moved[j] += b * h
      return doubleLoss(moved, x, labels)
    }
    for (let j = 0; j < 31; j++) {
      const unit = new Float32Array(31)
      unit[j] = 1
      const column = await productOf(loss, theta, unit)
      const expected = Array.from({ length: 31 }, (_, i) => {
        const mixed =
          shifted(i, 1, j, 1) - shifted(i, 1, j, -1) - shifted(i, -1, j, 1) + shifted(i, -1, j, -1)
        return mixed / (4 * h * h)
      })
      expect(relative(column, expected), `column ${j}`).toBeLessThan(1e-5)
    }
  })

  it('are PyTorch’s on a ReLU network with batch norm and pooling', async () => {
    const { loss, theta, v, product, dispose } = torchCase()
    expect(relative(await productOf(loss, theta, v), product)).toBeLessThan(1e-5)
    dispose()
  })

  it.each(smoothLosses())('agree with differences of gradients: $name', async ({ loss, size }) => {
    const random = randomStream(32, 'init')
    const [theta, v] = [normal(random, size, 0.5), normal(random, size)]
    expect(relative(await productOf(loss, theta, v), await differenceProduct(loss, theta, v))).toBeLessThan(
      3e-3,
    )
  })

  it.each(FAMILY_NAMES)('agree with differences of gradients of a network: %s', async (name) => {
    const { theta, v, step, open } = familyCase(name)
    const { loss, dispose } = open()
    const product = await productOf(loss, theta, v)
    expect(relative(product, await differenceProduct(loss, theta, v, step))).toBeLessThan(5e-3)
    dispose()
  })
})
