/** Drawn on the device, whole and in ranges, against the same on the host. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { onWebGpu, taken } from '../../gpu.testing'
import * as tf from '../../tf'
import { globalNorm } from '../norm/norm'
import type { Backend } from '../shared/program'
import { noise } from './noise'
import { normalsOf, standardNormals } from './normals'
import { normals } from './webgpu'

onWebGpu()

it('values of 100 keys', async () => {
  const random = randomStream(55, 'init')
  for (let turn = 0; turn < 100; turn++) {
    const size = 1 + random.int(3000)
    const number = random.int(2 ** 24)
    const key = tf.scalar(number)
    const table = tf.tensor1d(noise())
    const inputs = { key, table }
    const info = turn % 3 === 0 ? normals(tf.backend() as Backend, inputs, size, 640) : undefined
    const { z, norm } = info ? inRanges(info) : standardNormals(size, key)
    const apart = globalNorm(z)
    const [got, told, measured] = await taken([z, norm, apart])
    expect(got, `${size} values`).toEqual(normalsOf(size, number))
    expect(told, 'the norm').toEqual(measured)
    tf.dispose(Object.values(inputs))
  }
})

function inRanges(info: tf.TensorInfo) {
  const z = tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor1D
  return { z, norm: globalNorm(z) }
}
