/** Inner products in WebAssembly against double-precision sums, and to the bits of the composition that they replace. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import * as tf from '../../tf'
import { onWasm, taken } from '../../wasm.testing'
import { normals } from '../shared/convolution.testing'
import { dotProduct } from './dot'

onWasm(2)

it('inner products of 200 pairs', async () => {
  const random = randomStream(54, 'init')
  for (let turn = 0; turn < 200; turn++) {
    const size = 1 + random.int(turn % 10 === 0 ? 50_000 : 5000)
    const [x, y] = [normals(random, size), normals(random, size)]
    const [a, b] = [tf.tensor1d(x), tf.tensor1d(y)]
    const [[got], [composed]] = await taken([dotProduct(a, b), tf.tidy(() => tf.sum(tf.mul(a, b)))])
    const expected = x.reduce((sum, value, i) => sum + value * y[i], 0)
    const scale = x.reduce((sum, value, i) => sum + Math.abs(value * y[i]), 0)
    expect(Math.abs(got - expected) / scale, `${size} values`).toBeLessThan(1e-6)
    expect(got, `${size} values`).toBe(composed)
    tf.dispose([a, b])
  }
})
