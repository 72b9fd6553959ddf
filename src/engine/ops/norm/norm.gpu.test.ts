/** Norms of flat vectors, whole and in ranges, on the device against double-precision sums. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { onWebGpu, taken } from '../../gpu.testing'
import * as tf from '../../tf'
import { normals } from '../shared/convolution.testing'
import type { Backend } from '../shared/program'
import { clippedNorm } from './norm'
import { clippedNorm as clippedNormKernel } from './webgpu'

onWebGpu()

const asTensor = (info: tf.TensorInfo) => tf.engine().makeTensorFromTensorInfo(info)

it('norms and what clipping makes of them', async () => {
  const random = randomStream(52, 'init')
  for (let turn = 0; turn < 200; turn++) {
    const values = normals(random, 1 + random.int(5000))
    const norm = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0))
    const limit = [0, 1, norm * 2, norm / 3][turn % 4]
    const v = tf.tensor1d(values)
    const atOnce = turn % 3 === 0 ? 640 : undefined
    const outputs = clippedNormKernel(tf.backend() as Backend, v, limit, atOnce).map(asTensor)
    const [gotNorm, factor, clipped] = (await taken(outputs)).map((x) => x[0])
    const scale = limit > 0 ? Math.min(1, limit / norm) : 1
    expect(gotNorm / norm).toBeCloseTo(1, 5)
    expect(factor / scale).toBeCloseTo(1, 5)
    expect(clipped / (norm * scale)).toBeCloseTo(1, 5)
    if (scale === 1) expect(factor).toBe(1)
    v.dispose()
  }
  const [, factor] = await taken(Object.values(clippedNorm(tf.tensor1d([Number.NaN, 1]), 1)))
  expect(factor[0]).toBeNaN()
})
