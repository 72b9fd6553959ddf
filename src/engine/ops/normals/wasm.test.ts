/** In WebAssembly, by one thread and by two: the bits of the host. */
import { afterEach, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import * as tf from '../../tf'
import { startWasm, taken, wasmBackend } from '../../wasm.testing'
import { globalNorm } from '../norm/norm'
import { normalsOf, standardNormals } from './normals'

afterEach(() => wasmBackend().machine?.dispose())

it.each([1, 2])('values of 100 keys, %i threads', async (threads) => {
  await startWasm(threads)
  const random = randomStream(55, 'init')
  for (let turn = 0; turn < 100; turn++) {
    const size = 1 + random.int(turn % 10 === 0 ? 30_000 : 300)
    const number = random.int(2 ** 24)
    const key = tf.scalar(number)
    const { z, norm } = standardNormals(size, key)
    const apart = globalNorm(z)
    const [got, told, measured] = await taken([z, norm, apart])
    expect(got, `${size} values`).toEqual(normalsOf(size, number))
    expect(told, 'the norm').toEqual(measured)
    key.dispose()
  }
})
