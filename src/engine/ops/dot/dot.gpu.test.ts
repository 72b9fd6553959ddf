/** Inner products of flat vectors, whole and in ranges, on the device against double-precision sums. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { onWebGpu, taken } from '../../gpu.testing'
import * as tf from '../../tf'
import { normals } from '../shared/convolution.testing'
import type { Backend } from '../shared/program'
import { dotProduct } from './dot'
import { dotProduct as dotKernel } from './webgpu'

onWebGpu()

it('inner products of 200 pairs', async () => {
  const random = randomStream(54, 'init')
  for (let turn = 0; turn < 200; turn++) {
    const size = 1 + random.int(5000)
    const [x, y] = [normals(random, size), normals(random, size)]
    const [a, b] = [tf.tensor1d(x), tf.tensor1d(y)]
    const info = turn % 3 === 0 ? dotKernel(tf.backend() as Backend, a, b, 640) : undefined
    const result = info ? tf.engine().makeTensorFromTensorInfo(info) : dotProduct(a, b)
    const [[got]] = await taken([result])
    const expected = x.reduce((sum, value, i) => sum + value * y[i], 0)
    const scale = x.reduce((sum, value, i) => sum + Math.abs(value * y[i]), 0)
    expect(Math.abs(got - expected) / scale, `${size} values`).toBeLessThan(1e-6)
    tf.dispose([a, b])
  }
})
