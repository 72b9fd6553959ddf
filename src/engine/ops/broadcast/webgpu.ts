/**
 * Sums [rows, columns] over the rows (the gradients of biases, batch norm's statistics where they are not fused).
 *
 * Parallelism: an invocation owns a column (four where possible) of one part of the rows; a second kernel sums the parts.
 */
import { isCpuAdapter } from '../../device/adapter'
import type * as tf from '../../tf'
import { type Backend, floatType, lanesOf, runFlat } from '../shared/program'
import { sumCopies } from '../shared/sumCopies'
import type { LeadingReduction } from './calls'

/** Enough invocations for any device, few enough that summing the parts is nothing. */
const THREADS = 4096
const MIN_ROWS = 16
/** On CPU adapters a dispatch costs more than so many rows, and there are only a few cores to be kept busy. */
const CPU_MIN_ROWS = 256

/** scale · Σ over the rows. */
export function sumRows(backend: Backend, r: LeadingReduction, scale: number): tf.TensorInfo {
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
