/** Standard normal values in WebAssembly, their squares summed on the way. */
import type * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { bits } from '../../wasm/machine'
import { normOfSums, SQUARES } from '../norm/wasm'
import { wasmKernel } from '../shared/onWasm'
import { HASH } from './hash'
import { NORMALS, ROOT_HALF } from './normals'

/** Roughly what one value costs. */
const WORK = 2

export const wasm: Kernels = {
  [NORMALS]: wasmKernel(
    (backend, { key, table }: Record<'key' | 'table', tf.TensorInfo>, { size }: { size: number }) => {
      const { machine } = backend
      const { info, address } = backend.output([size])
      const inputs = [key, table].map((input) => backend.addressOf(input))
      const { step, other, first, second } = HASH
      const parts = Math.ceil(size / SQUARES)
      const sums = machine.take(8 * parts)
      const params = [address, size, ...inputs, step, other, first, second, bits(ROOT_HALF), sums]
      machine.run('normals', params, parts, WORK * size)
      const [norm, ...unused] = normOfSums(backend, sums, parts, 0)
      machine.give(sums)
      for (const { dataId } of unused) backend.disposeData(dataId)
      return [info, norm]
    },
  ),
}
