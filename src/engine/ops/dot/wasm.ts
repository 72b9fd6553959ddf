/** The inner product in WebAssembly: products of parts, then one sum, to the bits of tfjs' multiplication and sum. */
import type * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { sizeOf, wasmKernel } from '../shared/onWasm'
import { DOT } from './dot'

/** Values of a part. */
const PART = 1024

export const wasm: Kernels = {
  [DOT]: wasmKernel((backend, { a, b }: Record<'a' | 'b', tf.TensorInfo>) => {
    const { machine } = backend
    const size = sizeOf(a.shape)
    const parts = Math.ceil(size / PART)
    const { info, address } = backend.output([])
    const sums = machine.take(8 * parts)
    machine.run('products', [backend.addressOf(a), backend.addressOf(b), sums, size], parts, size)
    machine.run('sumOfParts', [sums, parts, address], 1, 0)
    machine.give(sums)
    return info
  }),
}
