/** Drawn on the device, whole and in ranges, against the same on the host. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { onWebGpu, taken } from '../../gpu.testing'
import * as tf from '../../tf'
import type { Backend } from '../shared/program'
import { normalsOf, standardNormals } from './normals'
import { normals } from './webgpu'

onWebGpu()

it('values of 100 keys', async () => {
  const random = randomStream(55, 'init')
  for (let turn = 0; turn < 100; turn++) {
    const size = 1 + random.int(3000)
    const [high, low] = [random.int(65536), random.int(65536)]
    const key = { high: tf.scalar(high), low: tf.scalar(low) }
    const info = turn % 3 === 0 ? normals(tf.backend() as Backend, key, size, 640) : undefined
    const result = info ? tf.engine().makeTensorFromTensorInfo(info) : standardNormals(size, key)
    const [got] = await taken([result])
    const expected = normalsOf(size, high * 65536 + low)
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - got[i])))
    // Quotients and roots may be off by some of the last bits; the largest value is 5.8.
    expect(worst, `${size} values`).toBeLessThan(1e-5)
    tf.dispose(Object.values(key))
  }
})
