/**
 * Average pooling where every window lies inside the image (VALID): its gradient, and the shortcut of a residual block,
 * which pools, appends channels of zeros and adds in one pass.
 *
 * Parallelism: an invocation a pixel and channel (quad) of the result; nothing is shared, nothing is written twice.
 */
import type * as tf from '../../tf'
import { type ConvShape, windowSizes } from '../shared/convShape'
import { type Backend, floatType, lanesOf, runFlat } from '../shared/program'

/**
 * dy [N, H', W', C or more] → [N, H, W, C], C = `inChannels`: every pixel the sum of its windows' gradients divided by
 * the window's size. Channels of dy beyond C are left out.
 */
export function averagePoolGradient(backend: Backend, dy: tf.TensorInfo, s: ConvShape): tf.TensorInfo {
  const gradientChannels = dy.shape[3]
  const lanes = lanesOf(s.inChannels) === 4 ? lanesOf(gradientChannels) : 1
  const depth = s.inChannels / lanes
  const count = s.batch * s.inHeight * s.inWidth * depth
  const value = floatType(lanes)
  const { pad: _, ...sizes } = windowSizes(s)
  return runFlat(backend, {
    key: `averagePoolGradient_${lanes}`,
    inputs: [{ name: 'dy', tensor: dy, lanes }],
    outShape: [s.batch, s.inHeight, s.inWidth, s.inChannels],
    outLanes: lanes,
    uniforms: { ...sizes, depths: [depth, gradientChannels / lanes], count },
    threads: count,
    code: `
fn main(thread : i32) {
  if (thread >= uniforms.count) { return; }
  let c = thread % uniforms.depths.x;
  let pixel = thread / uniforms.depths.x;
  let perImage = uniforms.inSize.x * uniforms.inSize.y;
  let image = pixel / perImage;
  let own = vec2<i32>((pixel % perImage) / uniforms.inSize.y, pixel % uniforms.inSize.y);
  // Windows that contain this pixel: corner in (own − window, own].
  let first = max(vec2<i32>(0), (own - uniforms.window + uniforms.stride) / uniforms.stride);
  let last = min(uniforms.outSize - 1, own / uniforms.stride);
  var sum = ${value}(0.0);
  for (var oy = first.x; oy <= last.x; oy++) {
    for (var ox = first.y; ox <= last.y; ox++) {
      sum += dy[((image * uniforms.outSize.x + oy) * uniforms.outSize.y + ox) * uniforms.depths.y + c];
    }
  }
  result[thread] = sum / f32(uniforms.window.x * uniforms.window.y);
}`,
  })
}

/**
 * x + the pooled `residual`, whose missing channels are zeros.
 * @param x [N, H', W', C']
 * @param residual [N, H, W, C], C ≤ C'
 * @param s of the pooling
 */
export function addShortcut(
  backend: Backend,
  x: tf.TensorInfo,
  residual: tf.TensorInfo,
  s: ConvShape,
): tf.TensorInfo {
  const channels = x.shape[3]
  const lanes = lanesOf(s.inChannels) === 4 ? lanesOf(channels) : 1
  const depth = channels / lanes
  const count = s.batch * s.outHeight * s.outWidth * depth
  const value = floatType(lanes)
  const { pad: _, ...sizes } = windowSizes(s)
  return runFlat(backend, {
    key: `addShortcut_${lanes}`,
    inputs: [
      { name: 'x', tensor: x, lanes },
      { name: 'residual', tensor: residual, lanes },
    ],
    outShape: x.shape,
    outLanes: lanes,
    uniforms: { ...sizes, depths: [depth, s.inChannels / lanes], count },
    threads: count,
    code: `
fn main(thread : i32) {
  if (thread >= uniforms.count) { return; }
  let c = thread % uniforms.depths.x;
  let pixel = thread / uniforms.depths.x;
  let perImage = uniforms.outSize.x * uniforms.outSize.y;
  let image = pixel / perImage;
  var sum = ${value}(0.0);
  if (c < uniforms.depths.y) {
    let corner = vec2<i32>((pixel % perImage) / uniforms.outSize.y, pixel % uniforms.outSize.y) * uniforms.stride;
    for (var iy = corner.x; iy < corner.x + uniforms.window.x; iy++) {
      for (var ix = corner.y; ix < corner.y + uniforms.window.y; ix++) {
        sum += residual[((image * uniforms.inSize.x + iy) * uniforms.inSize.y + ix) * uniforms.depths.y + c];
      }
    }
  }
  result[thread] = x[thread] + sum / f32(uniforms.window.x * uniforms.window.y);
}`,
  })
}
