/** The second half of every reduction in two stages: [copies, …] → [copies summed], one invocation a value (quad). */
import * as tf from '../../tf'
import { valuesAtOnce } from '../../tf/buffers'
import { type Backend, lanesOf, runFlat } from './program'

/** All copies together: at most 16 MiB, and what a device binds at once (or one copy, where one is larger). */
const COPIES_VALUES = 1 << 22

/** How many copies of so many values a kernel may make. */
export function mostCopies(backend: Backend, values: number): number {
  return Math.floor(Math.min(COPIES_VALUES, valuesAtOnce(backend)) / values)
}

/** scale · Σ over the first axis of `partial`, shaped `outShape`; disposes of `partial`. */
export function sumCopies(
  backend: Backend,
  partial: tf.TensorInfo,
  outShape: number[],
  copies: number,
  scale = 1,
): tf.TensorInfo {
  const size = tf.util.sizeFromShape(outShape)
  const lanes = lanesOf(size)
  const threads = size / lanes
  const sum = runFlat(backend, {
    key: `sumCopies_${lanes}`,
    inputs: [{ name: 'partial', tensor: partial, lanes }],
    outShape,
    outLanes: lanes,
    uniforms: { count: threads, copies },
    scale,
    threads,
    code: `
fn main(thread : i32) {
  if (thread >= uniforms.count) { return; }
  var sum = partial[thread];
  for (var copy = 1; copy < uniforms.copies; copy++) { sum += partial[copy * uniforms.count + thread]; }
  result[thread] = sum * uniforms.scale;
}`,
  })
  backend.disposeData(partial.dataId)
  return sum
}
