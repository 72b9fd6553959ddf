/**
 * Max pooling's gradient, and what reads at its maxima. In the gradient every pixel asks each window it lies in whether
 * it is that window's first maximum, and if so adds its gradient. One pass (stock: two, the first storing positions).
 */
import type * as tf from '../../tf'
import type { ConvShape } from '../shared/convShape'
import { runPixels } from '../shared/pixels'
import type { Backend } from '../shared/program'

/** dy [N, H', W', C], x [N, H, W, C] → like x. The first of equal maxima (row by row) takes the gradient. */
export const maxPoolGradient = (
  backend: Backend,
  [dy, x]: [tf.TensorInfo, tf.TensorInfo],
  s: ConvShape,
): tf.TensorInfo =>
  runPixels(backend, s, {
    name: 'maxPoolGradient',
    inputs: { x, dy },
    of: 'inSize',
    functions(value, lanes) {
      const flags = lanes === 4 ? 'vec4<bool>' : 'bool'
      return `
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
}`
    },
    main: (value) => `
  let v = x[thread];
  // Windows that contain this pixel: corner in (pixel − window, pixel].
  let reach = pixel + uniforms.pad;
  let first = max(vec2<i32>(0), (reach - uniforms.window + uniforms.stride) / uniforms.stride);
  let last = min(uniforms.outSize - 1, reach / uniforms.stride);
  var sum = ${value}(0.0);
  for (var oy = first.x; oy <= last.x; oy++) {
    for (var ox = first.y; ox <= last.y; ox++) {
      let corner = vec2<i32>(oy, ox) * uniforms.stride - uniforms.pad;
      let gradient = dy[((image * uniforms.outSize.x + oy) * uniforms.outSize.y + ox) * uniforms.depth + c];
      sum += select(${value}(0.0), gradient, isFirstMaximum(v, pixel, corner, image, c));
    }
  }
  result[thread] = sum;`,
  })

/**
 * v and x [N, H, W, C] → [N, H', W', C]: v at the first maximum (row by row) of every window of x: what the gradient
 * becomes when it is differentiated with respect to dy.
 */
export const maxPoolRead = (
  backend: Backend,
  [v, x]: [tf.TensorInfo, tf.TensorInfo],
  s: ConvShape,
): tf.TensorInfo =>
  runPixels(backend, s, {
    name: 'maxPoolRead',
    inputs: { v, x },
    of: 'outSize',
    main: () => `
  let corner = pixel * uniforms.stride - uniforms.pad;
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
  result[thread] = read;`,
  })
