/** Matrix products in plain JavaScript, asked for through tfjs, against double loops. */
import { beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { initBackend } from '../../backend'
import * as tf from '../../tf'
import { normals, relativeError } from '../shared/convolution.testing'

beforeAll(async () => {
  await initBackend('cpu')
})

describe('matMul', () => {
  const random = randomStream(3, 'init')
  const dense = (shape: number[]) => tf.tensor(normals(random, tf.util.sizeFromShape(shape)), shape)

  it('every combination of transposes, at sizes around the block', async () => {
    for (let i = 0; i < 60; i++) {
      const [rows, depth, columns] = [1 + random.int(13), 1 + random.int(40), 1 + random.int(13)]
      const [transposeA, transposeB] = [random.int(2) === 1, random.int(2) === 1]
      const batch = [[], [3], [2, 2]][random.int(3)]
      const a = dense([...batch, ...(transposeA ? [depth, rows] : [rows, depth])])
      const shared = batch.length === 1 && random.int(2) === 1
      const b = dense([...(shared ? [1] : batch), ...(transposeB ? [columns, depth] : [depth, columns])])
      const got = tf.matMul(a, b, transposeA, transposeB)
      expect(got.shape).toEqual([...batch, rows, columns])
      const [av, bv] = [await a.data(), await b.data()]
      const expected = new Float64Array(got.size)
      for (let at = 0; at < got.size; at++) {
        const n = Math.floor(at / (rows * columns))
        const [r, c] = [Math.floor(at / columns) % rows, at % columns]
        for (let k = 0; k < depth; k++) {
          const inA = n * rows * depth + (transposeA ? k * rows + r : r * depth + k)
          const inB = (shared ? 0 : n * depth * columns) + (transposeB ? c * depth + k : k * columns + c)
          expected[at] += av[inA] * bv[inB]
        }
      }
      const name = `${a.shape} × ${b.shape}, transposed ${transposeA} ${transposeB}`
      expect(relativeError(await got.data(), expected), name).toBeLessThan(2e-7)
    }
  })

  it('gives int32 products to tfjs', async () => {
    const product = tf.matMul(
      tf.tensor2d([[1, 2]], [1, 2], 'int32'),
      tf.tensor2d([[3], [4]], [2, 1], 'int32'),
    )
    expect(product.dtype).toBe('int32')
    expect([...(await product.data())]).toEqual([11])
  })
})
