/** Second derivatives in WebAssembly. */
import { expect, it } from 'vitest'
import { randomStream } from '../../base/random'
import * as tf from '../../engine/tf'
import { onWasm } from '../../engine/wasm.testing'
import { FAMILY_NAMES, familyCase } from './familyHessian.testing'
import { differenceProduct, normal, productOf, relative, smoothLosses, torchCase } from './hessian.testing'

onWasm()

it('are PyTorch’s on a ReLU network with batch norm and pooling', async () => {
  const { loss, theta, v, gradient, product, dispose } = torchCase()
  expect(relative(await productOf(loss, theta, v), product)).toBeLessThan(1e-5)
  const t = tf.tensor1d(theta)
  const first = tf.grad(loss as (t: tf.Tensor) => tf.Tensor)(t)
  expect(relative(await first.data(), gradient)).toBeLessThan(1e-5)
  tf.dispose([t, first])
  dispose()
})

it.each(smoothLosses())('agree with differences of gradients: $name', async ({ loss, size }) => {
  const random = randomStream(32, 'init')
  const [theta, v] = [normal(random, size, 0.5), normal(random, size)]
  const product = await productOf(loss, theta, v)
  expect(relative(product, await differenceProduct(loss, theta, v))).toBeLessThan(3e-3)
})

it.each(FAMILY_NAMES)('are those of plain JavaScript for a network: %s', async (name) => {
  const { theta, v, open } = familyCase(name)
  const products: Float32Array[] = []
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend)
    const { loss, dispose } = open()
    products.push(await productOf(loss, theta, v))
    dispose()
  }
  expect(relative(products[1], products[0])).toBeLessThan(1e-3)
})
