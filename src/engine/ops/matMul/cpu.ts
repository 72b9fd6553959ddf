/** Batched matrix product in plain JavaScript over the same blocked multiplication as the convolutions. */
import * as tf from '../../tf'
import type { Kernel, Kernels } from '../../tf/kernels'
import { tensorOf, valuesOf } from '../shared/callKernels'
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

/** Undefined for what stays with tfjs: other dtypes, and batches of differing rank or size. */
const batchMatMul: Kernel = (args) => {
  const { a, b } = args.inputs as Record<'a' | 'b', tf.TensorInfo>
  const { transposeA, transposeB } = args.attrs as unknown as tf.BatchMatMulAttrs
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined
  const [aOuter, bOuter] = [a.shape.slice(0, -2), b.shape.slice(0, -2)]
  const [aBatch, bBatch] = [tf.util.sizeFromShape(aOuter), tf.util.sizeFromShape(bOuter)]
  if (!tf.util.arraysEqual(aOuter, bOuter) && aBatch !== 1 && bBatch !== 1) return undefined
  const [aHeight, aWidth] = a.shape.slice(-2)
  const [bHeight, bWidth] = b.shape.slice(-2)
  const [rows, depth] = transposeA ? [aWidth, aHeight] : [aHeight, aWidth]
  const [bDepth, columns] = transposeB ? [bWidth, bHeight] : [bHeight, bWidth]
  if (depth !== bDepth) return undefined
  const batch = Math.max(aBatch, bBatch)
  const product = matMul(valuesOf(args, a), valuesOf(args, b), {
    batch,
    rows,
    depth,
    columns,
    transposeA,
    transposeB,
    aBatchStep: aBatch === 1 ? 0 : rows * depth,
    bBatchStep: bBatch === 1 ? 0 : depth * columns,
  })
  const outer = tf.backend_util.assertAndGetBroadcastShape(aOuter, bOuter)
  return tensorOf(args, [...outer, rows, columns], product)
}

export const cpu: Kernels = { [tf.BatchMatMul]: batchMatMul }
