/**
 * Sums [outer, rows, columns] over the rows: global average pooling (stock: a workgroup a value, with barriers).
 *
 * Parallelism: an invocation a result (quad).
 */
import type * as tf from '../../tf'
import { type Backend, floatType, lanesOf, runFlat } from '../shared/program'
import type { MiddleReduction } from './calls'

/** scale · Σ over the rows. */
export function sumMiddle(backend: Backend, r: MiddleReduction, scale: number): tf.TensorInfo {
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
