/** Second derivatives on the device: the same products as in plain JavaScript, captured or not. */
import { expect, it } from 'vitest'
import { randomStream } from '../../base/random'
import { capture } from '../../engine/capture/capture'
import { onWebGpu, startBackend } from '../../engine/gpu.testing'
import * as tf from '../../engine/tf'
import { FAMILY_NAMES, familyCase } from './familyHessian.testing'
import { hessianVectorProduct } from './hessian'
import { differenceProduct, normal, productOf, relative, smoothLosses, torchCase } from './hessian.testing'

onWebGpu()

it('are PyTorch’s on a ReLU network with batch norm and pooling, also captured', async () => {
  const { loss, theta, v, gradient, product, dispose } = torchCase()
  const before = tf.memory().numTensors
  expect(relative(await productOf(loss, theta, v), product)).toBeLessThan(1e-5)
  const [t, direction] = [tf.tensor1d(theta), tf.tensor1d(v)]
  const first = tf.grad(loss as (t: tf.Tensor) => tf.Tensor)(t)
  expect(relative(await first.data(), gradient)).toBeLessThan(1e-5)
  const captured = capture(({ at, along }: { at: tf.Tensor1D; along: tf.Tensor1D }) => ({
    product: hessianVectorProduct(loss, at, along),
  }))
  for (let i = 0; i < 2; i++) {
    const got = captured({ at: t, along: direction })
    expect(relative(await got.product.data(), product)).toBeLessThan(1e-5)
    got.product.dispose()
  }
  captured.dispose()
  tf.dispose([t, direction, first])
  expect(tf.memory().numTensors).toBe(before)
  dispose()
})

it.each(smoothLosses())('agree with differences of gradients: $name', async ({ loss, size }) => {
  const random = randomStream(32, 'init')
  const [theta, v] = [normal(random, size, 0.5), normal(random, size)]
  expect(relative(await productOf(loss, theta, v), await differenceProduct(loss, theta, v))).toBeLessThan(
    3e-3,
  )
})

it.each(FAMILY_NAMES)('are those of plain JavaScript for a network: %s', async (name) => {
  const { theta, v, open } = familyCase(name)
  const products: Float32Array[] = []
  for (const backend of ['cpu', 'webgpu'] as const) {
    await startBackend(backend)
    const { loss, dispose } = open()
    products.push(await productOf(loss, theta, v))
    dispose()
  }
  expect(relative(products[1], products[0])).toBeLessThan(1e-3)
})
