/** Convolutions in plain JavaScript, asked for through tfjs, against double loops over the definitions. */
import { beforeAll, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { initBackend } from '../../backend'
import * as tf from '../../tf'
import {
  convCases,
  expectedProducts,
  normals,
  relativeError,
  tfjsProducts,
} from '../shared/convolution.testing'

beforeAll(async () => {
  await initBackend('cpu')
})

it('convolutions and their gradients at random shapes', async () => {
  for (const c of convCases(150, randomStream(1, 'init'))) {
    const expected = expectedProducts(c)
    const got = await tfjsProducts(c)
    for (const product of ['y', 'dw', 'dx'] as const) {
      expect(relativeError(got[product], expected[product]), `${product}: ${c.name}`).toBeLessThan(2e-7)
    }
  }
})

it('leaves dilated and channels-first convolutions to tfjs', async () => {
  const random = randomStream(2, 'init')
  const x = tf.tensor4d(normals(random, 2 * 7 * 7 * 3), [2, 7, 7, 3])
  const w = tf.tensor4d(normals(random, 3 * 3 * 3 * 4), [3, 3, 3, 4])
  const dilated = await tf.conv2d(x, w, 1, 'same', 'NHWC', 2).data()
  // A dilated kernel is a larger one with holes.
  const weights = await w.data()
  const holes = new Float32Array(5 * 5 * 12)
  for (let tap = 0; tap < 9; tap++) {
    const row = weights.subarray(tap * 12, tap * 12 + 12)
    holes.set(row, (Math.floor(tap / 3) * 10 + (tap % 3) * 2) * 12)
  }
  const spread = tf.conv2d(x, tf.tensor4d(holes, [5, 5, 3, 4]), 1, 'same')
  expect(relativeError(dilated, await spread.data())).toBeLessThan(1e-6)
  const channelsFirst = tf.conv2d(tf.transpose(x, [0, 3, 1, 2]), w, 1, 'same', 'NCHW')
  const back = await tf.transpose(channelsFirst, [0, 2, 3, 1]).data()
  expect(relativeError(back, await tf.conv2d(x, w, 1, 'same').data())).toBeLessThan(1e-6)
})
