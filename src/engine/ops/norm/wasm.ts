/** The norm of a flat vector in WebAssembly: squares of blocks, then one sum. */
import type * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { bits } from '../../wasm/machine'
import { sizeOf, type WasmBackend, wasmKernel } from '../shared/onWasm'
import { CLIPPED_NORM } from './norm'

/** Values whose squares are summed by themselves. */
export const SQUARES = 4096

export const wasm: Kernels = {
  [CLIPPED_NORM]: wasmKernel((backend, { v }: { v: tf.TensorInfo }, { limit }: { limit: number }) => {
    const { machine } = backend
    const size = sizeOf(v.shape)
    const parts = Math.ceil(size / SQUARES)
    const sums = machine.take(8 * parts)
    machine.run('squares', [backend.addressOf(v), sums, size], parts, size)
    const outputs = normOfSums(backend, sums, parts, limit)
    machine.give(sums)
    return outputs
  }),
}

/**
 * Norm, factor and clipped norm of a vector (see norm.ts).
 * @param sums address of its squares' sums, `parts` doubles
 */
export function normOfSums(
  backend: WasmBackend,
  sums: number,
  parts: number,
  limit: number,
): tf.TensorInfo[] {
  const outputs = [0, 1, 2].map(() => backend.output([]))
  const results = outputs.map(({ address }) => address)
  backend.machine.run('clippedNorm', [sums, parts, bits(limit), ...results], 1, 0)
  return outputs.map(({ info }) => info)
}
