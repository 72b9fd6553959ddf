/** A dense layer with its bias and relu in one go, and its gradients. */
import type { Inputs, Kernels } from '../../tf/kernels'
import { multiply } from '../matMul/wasm'
import { wasmKernel } from '../shared/onWasm'
import { DENSE, DENSE_INPUT, DENSE_WEIGHTS, type DenseActivation, type DenseSizes } from './dense'

interface Attrs {
  sizes: DenseSizes
  activation: DenseActivation
}

export const wasm: Kernels = {
  [DENSE]: wasmKernel((backend, { x, w, bias }: Inputs<'x' | 'w' | 'bias'>, { sizes, activation }: Attrs) => {
    const { rows, depth, columns } = sizes
    const { info, address } = backend.output([rows, columns])
    const a = { address: backend.addressOf(x), row: depth, column: 1 }
    const b = { address: backend.addressOf(w), row: columns, column: 1 }
    const more = { bias: backend.addressOf(bias), relu: activation === 'relu' }
    multiply(backend, a, b, address, { ...sizes, ...more })
    return info
  }),
  [DENSE_INPUT]: wasmKernel((backend, { dy, w }: Inputs<'dy' | 'w'>, { sizes }: Attrs) => {
    const { rows, depth, columns } = sizes
    const { info, address } = backend.output([rows, depth])
    const a = { address: backend.addressOf(dy), row: columns, column: 1 }
    const b = { address: backend.addressOf(w), row: 1, column: columns }
    multiply(backend, a, b, address, { rows, depth: columns, columns: depth })
    return info
  }),
  [DENSE_WEIGHTS]: wasmKernel((backend, { x, dy }: Inputs<'x' | 'dy'>, { sizes }: Attrs) => {
    const { rows, depth, columns } = sizes
    const { info, address } = backend.output([depth, columns])
    const a = { address: backend.addressOf(x), row: 1, column: depth }
    const b = { address: backend.addressOf(dy), row: columns, column: 1 }
    multiply(backend, a, b, address, { rows: depth, depth: rows, columns })
    return info
  }),
}
