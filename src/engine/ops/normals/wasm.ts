/** Standard normal values in WebAssembly, by blocks. */
import type * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { bits } from '../../wasm/machine'
import { wasmKernel } from '../shared/onWasm'
import { ANGLE, COS, HASH, LOG, MINUS_TWO_LN_2, NORMALS, ROOT_HALF, SIN, TO_ROOT_HALF } from './normals'

/** Values of a block. */
const BLOCK = 1024
/** Roughly what one value costs. */
const WORK = 8

/** As the assembly meets them. */
const CONSTANTS = [
  ...[HASH.step, HASH.other, HASH.first, HASH.second, 1, TO_ROOT_HALF, 151, 0x7fffff],
  ...[...LOG].reverse().map(bits),
  ...[2 ** 22, bits(ANGLE)],
  ...[...SIN].reverse().map(bits),
  ...[...COS].reverse().map(bits),
  ...[ROOT_HALF, bits(2), bits(MINUS_TWO_LN_2)],
]

export const wasm: Kernels = {
  [NORMALS]: wasmKernel(
    (backend, { high, low }: Record<'high' | 'low', tf.TensorInfo>, { size }: { size: number }) => {
      const { info, address } = backend.output([size])
      const params = [address, size, backend.addressOf(high), backend.addressOf(low), ...CONSTANTS]
      backend.machine.run('normals', params, Math.ceil(size / BLOCK), WORK * size)
      return info
    },
  ),
}
