/** Norms of flat vectors in WebAssembly against double-precision sums. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import * as tf from '../../tf'
import { onWasm, taken } from '../../wasm.testing'
import { normals } from '../shared/convolution.testing'
import { clippedNorm } from './norm'

onWasm()

it('norms and what clipping makes of them', async () => {
  const random = randomStream(52, 'init')
  for (let turn = 0; turn < 200; turn++) {
    const values = normals(random, 1 + random.int(turn % 10 === 0 ? 50_000 : 5000))
    const norm = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0))
    const limit = [0, 1, norm * 2, norm / 3][turn % 4]
    const v = tf.tensor1d(values)
    const [got, factor, clipped] = (await taken(Object.values(clippedNorm(v, limit)))).map((x) => x[0])
    const scale = limit > 0 ? Math.min(1, limit / norm) : 1
    expect(got / norm).toBeCloseTo(1, 5)
    expect(factor / scale).toBeCloseTo(1, 5)
    expect(clipped / (norm * scale)).toBeCloseTo(1, 5)
    if (scale === 1) expect(factor).toBe(1)
    v.dispose()
  }
  const [, factor] = await taken(Object.values(clippedNorm(tf.tensor1d([Number.NaN, 1]), 1)))
  expect(factor[0]).toBeNaN()
})
