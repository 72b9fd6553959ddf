/**
 * Reads a tensor at the maxima of another's windows: what max pooling's gradient becomes when it is differentiated
 * with respect to dy.
 *
 * Parallelism: an invocation a window and channel (quad).
 */
import type * as tf from '../../tf'
import { type ConvShape, windowSizes } from '../shared/convShape'
import { type Backend, lanesOf, runFlat } from '../shared/program'

/** v and x [N, H, W, C] → [N, H', W', C]: v at the first maximum (row by row) of every window of x. */
export function maxPoolRead(
  backend: Backend,
  [v, x]: [tf.TensorInfo, tf.TensorInfo],
  s: ConvShape,
): tf.TensorInfo {
  const lanes = lanesOf(s.inChannels)
  const depth = s.inChannels / lanes
  const count = s.batch * s.outHeight * s.outWidth * depth
  return runFlat(backend, {
    key: `maxPoolRead_${lanes}`,
    inputs: [
      { name: 'v', tensor: v, lanes },
      { name: 'x', tensor: x, lanes },
    ],
    outShape: [s.batch, s.outHeight, s.outWidth, s.inChannels],
    outLanes: lanes,
    uniforms: { ...windowSizes(s), depth, count },
    threads: count,
    code: `
fn main(thread : i32) {
  if (thread >= uniforms.count) { return; }
  let c = thread % uniforms.depth;
  let pixel = thread / uniforms.depth;
  let perImage = uniforms.outSize.x * uniforms.outSize.y;
  let image = pixel / perImage;
  let corner = vec2<i32>((pixel % perImage) / uniforms.outSize.y, pixel % uniforms.outSize.y) * uniforms.stride
    - uniforms.pad;
  let begin = max(corner, vec2<i32>(0));
  let end = min(corner + uniforms.window, uniforms.inSize);
  let start = ((image * uniforms.inSize.x + begin.x) * uniforms.inSize.y + begin.y) * uniforms.depth + c;
  var highest = x[start];
  var read = v[start];
  for (var iy = begin.x; iy < end.x; iy++) {
    for (var ix = begin.y; ix < end.y; ix++) {
      let at = ((image * uniforms.inSize.x + iy) * uniforms.inSize.y + ix) * uniforms.depth + c;
      let isHigher = x[at] > highest;
      read = select(read, v[at], isHigher);
      highest = select(highest, x[at], isHigher);
    }
  }
  result[thread] = read;
}`,
  })
}
