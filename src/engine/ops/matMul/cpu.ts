/** Batched matrix product in plain JavaScript over the same blocked multiplication as the convolutions. */
import { multiplyAdd, packPanels } from '../shared/gemm'

export interface MatMulShape {
  batch: number
  rows: number
  depth: number
  columns: number
  transposeA: boolean
  transposeB: boolean
  /** Values from one matrix of A (of B) to the next; 0 when it is the same for the whole batch. */
  aBatchStep: number
  bBatchStep: number
}

/** out[n] = op(a[n])·op(b[n]); op transposes or not; all row-major; sums are double. */
export function matMul(a: Float32Array, b: Float32Array, s: MatMulShape): Float32Array {
  const { batch, rows, depth, columns } = s
  const left = new Float64Array(a)
  const product = new Float64Array(rows * columns)
  const out = new Float32Array(batch * rows * columns)
  const [bDepthStep, bColumnStep] = s.transposeB ? [1, depth] : [columns, 1]
  const [aRowStep, aDepthStep] = s.transposeA ? [1, rows] : [depth, 1]
  for (let n = 0; n < batch; n++) {
    const panels = packPanels(b, n * s.bBatchStep, depth, columns, bDepthStep, bColumnStep)
    product.fill(0)
    multiplyAdd(left, n * s.aBatchStep, rows, aRowStep, aDepthStep, panels, product)
    out.set(product, n * rows * columns)
  }
  return out
}
