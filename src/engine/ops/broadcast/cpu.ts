/** Element-wise ops with a repeating operand, and sums over rows, as plain loops over runs. */
import * as tf from '../../tf'
import type { Kernel, Kernels } from '../../tf/kernels'
import { tensorOf, valuesOf } from '../shared/callKernels'
import { BINARY_OPS, type BinaryOp, sumCall, trailingBroadcast } from './calls'

/** Shorter runs cost more than what is computed in them: a short operand is repeated that far. */
const LONG_RUN = 256

/** out[i] = a[i mod a.length] ∘ b[i mod b.length]; the larger operand has the result's size. */
function binary(op: BinaryOp, a: Float32Array, b: Float32Array): Float32Array {
  const size = Math.max(a.length, b.length)
  const [left, right] = [repeated(a, size), repeated(b, size)]
  const run = Math.min(left.length, right.length)
  const out = new Float32Array(size)
  const [aStep, bStep] = [left.length === size ? 1 : 0, right.length === size ? 1 : 0]
  for (let at = 0; at < size; at += run)
    combine(op, left, aStep * at, right, bStep * at, out, at, Math.min(run, size - at))
  return out
}

function repeated(x: Float32Array, size: number): Float32Array {
  const times = Math.min(size / x.length, Math.ceil(LONG_RUN / x.length))
  if (times === 1) return x
  const long = new Float32Array(times * x.length)
  for (let at = 0; at < long.length; at += x.length) long.set(x, at)
  return long
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
  for (let c = 0; c < columns; c++) sums[c] *= scale
  return new Float32Array(sums)
}

const elementwise =
  (op: BinaryOp): Kernel =>
  (args) => {
    const call = trailingBroadcast(args)
    if (call) return tensorOf(args, call.outShape, binary(op, valuesOf(args, call.a), valuesOf(args, call.b)))
    const { a, b } = args.inputs as Record<'a' | 'b', tf.TensorInfo>
    if (!isOneARow(a, b)) return undefined
    return tensorOf(args, a.shape, binary(op, valuesOf(args, a), eachRepeated(valuesOf(args, b), a)))
  }

/** Softmax and its like: [N, C] against [N, 1]. */
function isOneARow(a: tf.TensorInfo, b: tf.TensorInfo): boolean {
  const isFloats = a.dtype === 'float32' && b.dtype === 'float32'
  const rows = b.shape.slice(0, -1)
  const width = a.shape.at(-1)!
  return isFloats && width > 0 && b.shape.at(-1) === 1 && tf.util.arraysEqual([...rows, width], a.shape)
}

function eachRepeated(x: Float32Array, { shape }: tf.TensorInfo): Float32Array {
  const width = shape.at(-1)!
  const out = new Float32Array(x.length * width)
  for (let row = 0; row < x.length; row++) out.fill(x[row], row * width, (row + 1) * width)
  return out
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
