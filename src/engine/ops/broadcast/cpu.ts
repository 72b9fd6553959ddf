/** Element-wise ops with a repeating operand, and sums over rows, as plain loops over runs. */
import * as tf from '../../tf'
import type { Kernel, Kernels } from '../../tf/kernels'
import { tensorOf, valuesOf } from '../shared/callKernels'
import { BINARY_OPS, type BinaryOp, sumCall, trailingBroadcast } from './calls'

/** out[i] = a[i mod a.length] ∘ b[i mod b.length]; the larger operand has the result's size. */
function binary(op: BinaryOp, a: Float32Array, b: Float32Array): Float32Array {
  const size = Math.max(a.length, b.length)
  const run = Math.min(a.length, b.length)
  const out = new Float32Array(size)
  const [aStep, bStep] = [a.length === size ? 1 : 0, b.length === size ? 1 : 0]
  for (let at = 0; at < size; at += run) combine(op, a, aStep * at, b, bStep * at, out, at, run)
  return out
}

function combine(
  op: BinaryOp,
  a: Float32Array,
  p: number,
  b: Float32Array,
  q: number,
  out: Float32Array,
  at: number,
  n: number,
): void {
  switch (op) {
    case 'Add':
      for (let i = 0; i < n; i++) out[at + i] = a[p + i] + b[q + i]
      break
    case 'Sub':
      for (let i = 0; i < n; i++) out[at + i] = a[p + i] - b[q + i]
      break
    case 'Multiply':
      for (let i = 0; i < n; i++) out[at + i] = a[p + i] * b[q + i]
      break
    case 'RealDiv':
      for (let i = 0; i < n; i++) out[at + i] = a[p + i] / b[q + i]
      break
  }
}

/** scale · Σ over the rows of x [rows, columns]; sums are double. */
function sumRows(x: Float32Array, columns: number, scale: number): Float32Array {
  const sums = new Float64Array(columns)
  for (let row = 0; row < x.length; row += columns) {
    for (let c = 0; c < columns; c++) sums[c] += x[row + c]
  }
  return Float32Array.from(sums, (sum) => sum * scale)
}

/** Runs of a few values are no gain over tfjs' own loop. */
const SHORTEST_RUN = 4

const elementwise =
  (op: BinaryOp): Kernel =>
  (args) => {
    const call = trailingBroadcast(args)
    if (!call || Math.min(call.aSize, call.bSize) < SHORTEST_RUN) return undefined
    return tensorOf(args, call.outShape, binary(op, valuesOf(args, call.a), valuesOf(args, call.b)))
  }

const reduction =
  (isMean: boolean): Kernel =>
  (args) => {
    const call = sumCall(args, isMean)
    if (call?.kind !== 'leading') return undefined
    return tensorOf(args, call.outShape, sumRows(valuesOf(args, call.x), call.columns, call.scale))
  }

export const cpu: Kernels = {
  ...Object.fromEntries(BINARY_OPS.map((op) => [op, elementwise(op)])),
  [tf.Sum]: reduction(false),
  [tf.Mean]: reduction(true),
}
