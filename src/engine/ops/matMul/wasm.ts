/** Batched matrix product in WebAssembly, by strides: whatever is transposed is packed like everything else. */
import * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { areFloats, sizeOf, type WasmBackend, wasmKernel } from '../shared/onWasm'

/** Of a tile's panel. */
const WIDE = 16

/** One matrix: its address, and values from one row, column and matrix to the next. */
export interface Strided {
  address: number
  row: number
  column: number
  matrix?: number
}

export interface Product {
  batch?: number
  rows: number
  depth: number
  columns: number
  /** Address of [columns]; relu only with it. */
  bias?: number
  relu?: boolean
}

/** Values that all panels take for each row of B. */
export function packedColumns(columns: number): number {
  const rest = columns % WIDE
  return columns - rest + (rest === 0 ? 0 : rest > WIDE / 2 ? WIDE : WIDE / 2)
}

/** Rows that share a packed panel, where the threads need more units than there are panels. */
const BLOCK_ROWS = 192

/** Writes c = act(a·b + bias), row by row. */
export function multiply(
  { machine }: WasmBackend,
  a: Strided,
  b: Strided,
  c: number,
  { batch = 1, rows, depth, columns, bias = 0, relu = false }: Product,
): void {
  const panels = Math.ceil(packedColumns(columns) / WIDE)
  const blockRows = Math.min(rows, BLOCK_ROWS)
  const blocks = Math.ceil(rows / blockRows)
  const scratch = machine.scratch(256 + 16 + 8 * blockRows + 16 + 64 * depth)
  const params = [a.address, b.address, c, bias, rows, depth, columns]
  const steps = [a.row, a.column, b.row, b.column, a.matrix ?? 0, b.matrix ?? 0].map((step) => 4 * step)
  machine.run(
    'matMul',
    [...params, ...steps, blocks, blockRows, relu ? 1 : 0, scratch.at, scratch.each],
    batch * panels * blocks,
    batch * rows * depth * columns,
  )
  machine.give(scratch.at)
}

/** op(a[n])·op(b[n]); undefined for what stays with tfjs. */
const batchMatMul = wasmKernel(
  (
    backend,
    { a, b }: Record<'a' | 'b', tf.TensorInfo>,
    { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
  ) => {
    const [aOuter, bOuter] = [a.shape.slice(0, -2), b.shape.slice(0, -2)]
    const [aBatch, bBatch] = [sizeOf(aOuter), sizeOf(bOuter)]
    const isPlain = tf.util.arraysEqual(aOuter, bOuter) || aBatch === 1 || bBatch === 1
    if (!areFloats(a, b) || !isPlain) return undefined
    const [aHeight, aWidth] = a.shape.slice(-2)
    const [bHeight, bWidth] = b.shape.slice(-2)
    const [rows, depth] = transposeA ? [aWidth, aHeight] : [aHeight, aWidth]
    const columns = transposeB ? bHeight : bWidth
    const outer = tf.backend_util.assertAndGetBroadcastShape(aOuter, bOuter)
    const strided = (tensor: tf.TensorInfo, turned: boolean, matrices: number): Strided => {
      const [height, width] = tensor.shape.slice(-2)
      const [row, column] = turned ? [1, width] : [width, 1]
      return { address: backend.addressOf(tensor), row, column, matrix: matrices === 1 ? 0 : height * width }
    }
    const { info, address } = backend.output([...outer, rows, columns])
    const product = { batch: Math.max(aBatch, bBatch), rows, depth, columns }
    multiply(backend, strided(a, transposeA, aBatch), strided(b, transposeB, bBatch), address, product)
    return info
  },
)

export const wasm: Kernels = { [tf.BatchMatMul]: batchMatMul }
