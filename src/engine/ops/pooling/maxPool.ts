/**
 * Max pooling's gradient, and what reads at its maxima. In the gradient every pixel asks each window it lies in whether it is that window's first maximum, and
 * if so adds its gradient. One pass (stock: two, the first storing positions).
 *
 * Parallelism: an invocation a pixel and channel (quad); nothing is shared, nothing is written twice.
 */
import type * as tf from '../../tf'
import { type ConvShape, windowSizes } from '../shared/convShape'
import { type Backend, lanesOf, runFlat } from '../shared/program'

/** dy [N, H', W', C], x [N, H, W, C] → like x. The first of equal maxima (row by row) takes the gradient. */
export function maxPoolGradient(
  backend: Backend,
  [dy, x]: [tf.TensorInfo, tf.TensorInfo],
  s: ConvShape,
): tf.TensorInfo {
  const lanes = lanesOf(s.inChannels)
  const depth = s.inChannels / lanes
  const count = s.batch * s.inHeight * s.inWidth * depth
  const [value, flags] = lanes === 4 ? ['vec4<f32>', 'vec4<bool>'] : ['f32', 'bool']
  return runFlat(backend, {
    key: `maxPoolGradient_${lanes}`,
    inputs: [
      { name: 'x', tensor: x, lanes },
      { name: 'dy', tensor: dy, lanes },
    ],
    outShape: x.shape,
    outLanes: lanes,
    uniforms: { ...windowSizes(s), depth, count },
    threads: count,
    code: `
// Whether pixel \`own\` of value v is the first maximum of the window with this corner.
fn isFirstMaximum(v : ${value}, own : vec2<i32>, corner : vec2<i32>, image : i32, c : i32) -> ${flags} {
  let begin = max(corner, vec2<i32>(0));
  let end = min(corner + uniforms.window, uniforms.inSize);
  var isMaximum = ${flags}(true);
  for (var iy = begin.x; iy < end.x; iy++) {
    for (var ix = begin.y; ix < end.y; ix++) {
      let other = x[((image * uniforms.inSize.x + iy) * uniforms.inSize.y + ix) * uniforms.depth + c];
      let isEarlier = iy < own.x || (iy == own.x && ix < own.y);
      isMaximum = isMaximum & select(other <= v, other < v, ${flags}(isEarlier));
    }
  }
  return isMaximum;
}
fn main(thread : i32) {
  if (thread >= uniforms.count) { return; }
  let c = thread % uniforms.depth;
  let pixel = thread / uniforms.depth;
  let perImage = uniforms.inSize.x * uniforms.inSize.y;
  let image = pixel / perImage;
  let own = vec2<i32>((pixel % perImage) / uniforms.inSize.y, pixel % uniforms.inSize.y);
  let v = x[thread];
  // Windows that contain this pixel: corner in (own − window, own].
  let reach = own + uniforms.pad;
  let first = max(vec2<i32>(0), (reach - uniforms.window + uniforms.stride) / uniforms.stride);
  let last = min(uniforms.outSize - 1, reach / uniforms.stride);
  var sum = ${value}(0.0);
  for (var oy = first.x; oy <= last.x; oy++) {
    for (var ox = first.y; ox <= last.y; ox++) {
      let corner = vec2<i32>(oy, ox) * uniforms.stride - uniforms.pad;
      let gradient = dy[((image * uniforms.outSize.x + oy) * uniforms.outSize.y + ox) * uniforms.depth + c];
      sum += select(${value}(0.0), gradient, isFirstMaximum(v, own, corner, image, c));
    }
  }
  result[thread] = sum;
}`,
  })
}

/**
 * v and x [N, H, W, C] → [N, H', W', C]: v at the first maximum (row by row) of every window of x: what the gradient
 * becomes when it is differentiated with respect to dy.
 *
 * Parallelism: an invocation a window and channel (quad).
 */
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
