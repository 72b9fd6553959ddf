/**
 * Element-wise ops with an operand that repeats along the leading axes, sizes multiples of four. One invocation a
 * quad; the repeating operand is found by one remainder (stock: by coordinates, or through workgroup memory).
 */
import type * as tf from '../../tf'
import { type Backend, lanesOf, runFlat } from '../shared/program'
import type { BinaryOp, TrailingBroadcast } from './calls'

const SIGN: Record<BinaryOp, string> = { Add: '+', Sub: '-', Multiply: '*', RealDiv: '/' }

/** Undefined where an operand is neither one value nor whole quads. */
export function binary(backend: Backend, op: BinaryOp, t: TrailingBroadcast): tf.TensorInfo | undefined {
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
