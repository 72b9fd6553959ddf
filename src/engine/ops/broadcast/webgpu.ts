/** Element-wise ops with a repeating operand, and sums over leading or middle axes. */
import { isCpuAdapter } from '../../device/adapter'
import * as tf from '../../tf'
import type { Kernel, Kernels } from '../../tf/kernels'
import { type Backend, floatType, lanesOf, runFlat } from '../shared/program'
import { sumCopies } from '../shared/sumCopies'
import {
  BINARY_OPS,
  type BinaryOp,
  type Reduction,
  sumCall,
  type TrailingBroadcast,
  trailingBroadcast,
} from './calls'

const SIGN: Record<BinaryOp, string> = { Add: '+', Sub: '-', Multiply: '*', RealDiv: '/' }

/**
 * An operand that repeats along the leading axes, sizes multiples of four; undefined where one is neither one value nor
 * whole quads.
 *
 * Parallelism: an invocation a quad; the repeating operand is found by one remainder (stock: by coordinates, or through
 * workgroup memory).
 */
function binary(backend: Backend, op: BinaryOp, t: TrailingBroadcast): tf.TensorInfo | undefined {
  const isWhole = [t.size, t.aSize, t.bSize].every((size) => size % 4 === 0 || size === 1)
  if (!isWhole || t.size === 1) return undefined
  const [aLanes, bLanes] = [lanesOf(t.aSize), lanesOf(t.bSize)]
  return runFlat(backend, {
    key: `binary_${op}_${aLanes}${bLanes}`,
    inputs: [
      { name: 'a', tensor: t.a, lanes: aLanes },
      { name: 'b', tensor: t.b, lanes: bLanes },
    ],
    outShape: t.outShape,
    outLanes: 4,
    uniforms: { quads: [t.aSize / aLanes, t.bSize / bLanes], count: t.size / 4 },
    threads: t.size / 4,
    code: `
fn main(thread : i32) {
  if (thread >= uniforms.count) { return; }
  let left = vec4<f32>(a[thread % uniforms.quads.x]);
  let right = vec4<f32>(b[thread % uniforms.quads.y]);
  result[thread] = left ${SIGN[op]} right;
}`,
  })
}

/** Enough invocations for any device, few enough that summing the parts is nothing. */
const THREADS = 4096
const MIN_ROWS = 16
/** On CPU adapters a dispatch costs more than so many rows, and there are only a few cores to be kept busy. */
const CPU_MIN_ROWS = 256

/**
 * scale · Σ over the rows of [rows, columns] (the gradients of biases, batch norm's statistics where they are not
 * fused).
 *
 * Parallelism: an invocation owns a column (four where possible) of one part of the rows; a second kernel sums the
 * parts.
 */
function sumRows(backend: Backend, r: Reduction, scale: number): tf.TensorInfo {
  const lanes = lanesOf(r.columns)
  const quads = r.columns / lanes
  const minRows = isCpuAdapter(backend.device.adapterInfo) ? CPU_MIN_ROWS : MIN_ROWS
  const wanted = Math.max(1, Math.min(Math.floor(THREADS / quads), Math.floor(r.rows / minRows)))
  const rowsPerCopy = Math.ceil(r.rows / wanted)
  const copies = Math.ceil(r.rows / rowsPerCopy)
  const partial = runFlat(backend, {
    key: `sumRows_${lanes}`,
    inputs: [{ name: 'x', tensor: r.x, lanes }],
    outShape: copies === 1 ? r.outShape : [copies, r.columns],
    outLanes: lanes,
    uniforms: { rows: [r.rows, rowsPerCopy], quads, copies },
    scale: copies === 1 ? scale : 1,
    threads: copies * quads,
    code: `
fn main(thread : i32) {
  let copy = thread / uniforms.quads;
  if (copy >= uniforms.copies) { return; }
  let column = thread % uniforms.quads;
  let end = min((copy + 1) * uniforms.rows.y, uniforms.rows.x);
  var sum = ${floatType(lanes)}(0.0);
  for (var row = copy * uniforms.rows.y; row < end; row++) { sum += x[row * uniforms.quads + column]; }
  result[thread] = sum * uniforms.scale;
}`,
  })
  return copies === 1 ? partial : sumCopies(backend, partial, r.outShape, copies, scale)
}

/**
 * scale · Σ over the rows of [outer, rows, columns]: global average pooling (stock: a workgroup a value, with barriers).
 *
 * Parallelism: an invocation a result (quad).
 */
function sumMiddle(backend: Backend, r: Reduction, scale: number): tf.TensorInfo {
  const lanes = lanesOf(r.columns)
  const columns = r.columns / lanes
  const count = r.outer * columns
  return runFlat(backend, {
    key: `sumMiddle_${lanes}`,
    inputs: [{ name: 'x', tensor: r.x, lanes }],
    outShape: r.outShape,
    outLanes: lanes,
    uniforms: { rows: r.rows, columns, count },
    scale,
    threads: count,
    code: `
fn main(thread : i32) {
  if (thread >= uniforms.count) { return; }
  let first = thread / uniforms.columns * uniforms.rows * uniforms.columns + thread % uniforms.columns;
  var sum = ${floatType(lanes)}(0.0);
  for (var row = 0; row < uniforms.rows; row++) { sum += x[first + row * uniforms.columns]; }
  result[thread] = sum * uniforms.scale;
}`,
  })
}

const elementwise =
  (op: BinaryOp): Kernel =>
  (args) => {
    const call = trailingBroadcast(args)
    // Equal sizes are what stock is good at.
    return call && call.aSize !== call.bSize ? binary(args.backend as Backend, op, call) : undefined
  }

const reduction =
  (isMean: boolean): Kernel =>
  (args) => {
    const backend = args.backend as Backend
    const call = sumCall(args, isMean)
    if (!call || call.kind === 'trailing') return undefined
    return (call.kind === 'leading' ? sumRows : sumMiddle)(backend, call, call.scale)
  }

export const webgpu: Kernels = {
  ...Object.fromEntries(BINARY_OPS.map((op) => [op, elementwise(op)])),
  [tf.Sum]: reduction(false),
  [tf.Mean]: reduction(true),
}
