/**
 * Operands of convolutions and dense layers as 16-bit floats (1 sign, 5 exponent, 10 fraction bits). Made once by a
 * kernel and read by all kernels that need them; sums and results are 32-bit floats.
 *
 * tfjs knows no such type: a tensor of halves is one of int32, two halves a value, and kernels that take float32
 * only never see it. Ours tell by the type which of the two they were given.
 */
import type * as tf from '../../tf'
import { type Kernels, webGpuKernel } from '../../tf/kernels'
import { type Backend, runFlat, runOf } from '../shared/program'
import { TO_HALVES } from './halves'

export const isHalf = ({ dtype }: tf.TensorInfo): boolean => dtype === 'int32'

/** What the text of a kernel for halves adds to its key. */
export const halfKey = (half: boolean): string => (half ? '_half' : '')

/**
 * `tensor` · scale in halves, [pairs]. What lies beyond ±65,504 becomes infinite, whatever the driver's own conversion
 * would make of it: a run that leaves the range ends as diverged instead of going on with other numbers.
 */
export function toHalves(backend: Backend, tensor: tf.TensorInfo, scale = 1): tf.TensorInfo {
  const size = tensor.shape.reduce((a, b) => a * b, 1)
  const pairs = Math.ceil(size / 2)
  const quads = size % 8 === 0
  const count = quads ? size / 8 : pairs
  const run = runOf(backend, quads ? 4 : 1) / 2 || 1
  const body = quads
    ? `
    let low = x[2 * i] * uniforms.scale;
    let high = x[2 * i + 1] * uniforms.scale;
    result[i] = vec4<i32>(pair(low.xy), pair(low.zw), pair(high.xy), pair(high.zw));`
    : `
    let second = select(0.0, x[min(2 * i + 1, uniforms.size - 1)], 2 * i + 1 < uniforms.size);
    result[i] = pair(vec2<f32>(x[2 * i], second) * uniforms.scale);`
  return runFlat(backend, {
    key: `toHalves_${quads ? 4 : 1}`,
    inputs: [{ name: 'x', tensor, lanes: quads ? 4 : 1 }],
    outShape: [pairs],
    outLanes: quads ? 4 : 1,
    outType: 'int32',
    uniforms: { ...(quads ? {} : { size }), count, run: Math.ceil(run) },
    scale,
    threads: Math.ceil(count / Math.ceil(run)),
    code: `
fn pair(values : vec2<f32>) -> i32 {
  let bits = bitcast<vec2<u32>>(values);
  let size = bits & vec2<u32>(0x7fffffffu);
  let sign = (bits >> vec2<u32>(16u)) & vec2<u32>(0x8000u);
  let special = sign | select(vec2<u32>(0x7c00u), vec2<u32>(0x7e00u), size > vec2<u32>(0x7f800000u));
  // 65,520 is the first that is nearer to what would follow the largest half.
  let isSpecial = size >= vec2<u32>(0x477ff000u);
  let ordinary = pack2x16float(select(values, vec2<f32>(0.0), isSpecial));
  let chosen = select(vec2<u32>(ordinary & 0xffffu, ordinary >> 16u), special, isSpecial);
  return bitcast<i32>(chosen.x | (chosen.y << 16u));
}
fn main(thread : i32) {
  for (var i = thread * uniforms.run; i < min((thread + 1) * uniforms.run, uniforms.count); i++) {
    ${body}
  }
}`,
  })
}

export const webgpu: Kernels = {
  [TO_HALVES]: webGpuKernel((backend, { x }: Record<'x', tf.TensorInfo>, { scale }: { scale: number }) =>
    toHalves(backend, x, scale),
  ),
}
