/** Matrix products against double loops. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import * as tf from '../../tf'
import { normals, relativeError } from '../shared/convolution.testing'

export function matMulTests(): void {
  it('matrix products, every transpose', async () => {
    const random = randomStream(14, 'init')
    for (let i = 0; i < 200; i++) {
      const [rows, depth, columns] = [1 + random.int(20), 1 + random.int(40), 1 + random.int(20)]
      const [transposeA, transposeB] = [random.int(2) === 1, random.int(2) === 1]
      const batch = [[], [1], [2]][random.int(3)]
      const n = batch[0] ?? 1
      const [av, bv] = [normals(random, n * rows * depth), normals(random, n * depth * columns)]
      const a = tf.tensor(av, [...batch, ...(transposeA ? [depth, rows] : [rows, depth])])
      const b = tf.tensor(bv, [...batch, ...(transposeB ? [columns, depth] : [depth, columns])])
      const got = tf.matMul(a, b, transposeA, transposeB)
      const name = `[${a.shape}] ${transposeA} × [${b.shape}] ${transposeB}`
      expect(got.shape, name).toEqual([...batch, rows, columns])
      const expected = new Float64Array(got.size)
      for (let at = 0; at < got.size; at++) {
        const image = Math.floor(at / (rows * columns))
        const [r, c] = [Math.floor(at / columns) % rows, at % columns]
        for (let k = 0; k < depth; k++) {
          const inA = image * rows * depth + (transposeA ? k * rows + r : r * depth + k)
          const inB = image * depth * columns + (transposeB ? c * depth + k : k * columns + c)
          expected[at] += av[inA] * bv[inB]
        }
      }
      expect(relativeError(await got.data(), expected), name).toBeLessThan(2e-6)
      tf.dispose([a, b, got])
    }
  })
}
