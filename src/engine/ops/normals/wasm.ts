/** Standard normal values in WebAssembly, by blocks. */
import type * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { bits } from '../../wasm/machine'
import { wasmKernel } from '../shared/onWasm'
import { HASH } from './hash'
import { BLOCK } from './noise'
import { NORMALS, ROOT_HALF } from './normals'

/** Roughly what one value costs. */
const WORK = 2

export const wasm: Kernels = {
  [NORMALS]: wasmKernel(
    (backend, { key, table }: Record<'key' | 'table', tf.TensorInfo>, { size }: { size: number }) => {
      const { info, address } = backend.output([size])
      const inputs = [key, table].map((input) => backend.addressOf(input))
      const { step, other, first, second } = HASH
      const params = [address, size, ...inputs, step, other, first, second, bits(ROOT_HALF)]
      backend.machine.run('normals', params, Math.ceil(size / BLOCK), WORK * size)
      return info
    },
  ),
}
