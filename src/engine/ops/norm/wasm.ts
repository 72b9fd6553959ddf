/** The norm of a flat vector in WebAssembly: squares of blocks, then one sum. */
import type * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { bits } from '../../wasm/machine'
import { sizeOf, wasmKernel } from '../shared/onWasm'
import { CLIPPED_NORM } from './norm'

/** Values of a block. */
const SQUARES = 4096

export const wasm: Kernels = {
  [CLIPPED_NORM]: wasmKernel((backend, { v }: { v: tf.TensorInfo }, { limit }: { limit: number }) => {
    const { machine } = backend
    const size = sizeOf(v.shape)
    const parts = Math.ceil(size / SQUARES)
    const outputs = [0, 1, 2].map(() => backend.output([]))
    const sums = machine.take(8 * parts)
    machine.run('squares', [backend.addressOf(v), sums, size], parts, size)
    const results = outputs.map(({ address }) => address)
    machine.run('clippedNorm', [sums, parts, bits(limit), ...results], 1, 0)
    machine.give(sums)
    return outputs.map(({ info }) => info)
  }),
}
