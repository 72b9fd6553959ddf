/**
 * Depthwise convolution (one filter a channel) and its two gradients.
 *
 * Parallelism: forward and input gradient as in shared/pixels.ts, the filter gradient takes an invocation a tap, channel
 * (quad) and part of the image rows, whose partial sums a second kernel adds.
 */
import * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { onWebGpu } from '../shared/callKernels'
import { type ConvShape, windowSizes } from '../shared/convShape'
import { runPixels } from '../shared/pixels'
import { type Backend, floatType, lanesOf, runFlat } from '../shared/program'
import { sumCopies } from '../shared/sumCopies'
import { depthwiseFilterGradientCall, depthwiseForwardCall, depthwiseInputGradientCall } from './calls'

/** x [N, H, W, C], filter [kh, kw, C, 1] → [N, H', W', C]. */
export const depthwiseForward = (
  backend: Backend,
  [x, taps]: [tf.TensorInfo, tf.TensorInfo],
  s: ConvShape,
): tf.TensorInfo =>
  runPixels(backend, s, {
    name: 'depthwise',
    inputs: { x, taps },
    of: 'outSize',
    main: (value) => `
  let corner = pixel * uniforms.stride - uniforms.pad;
  let begin = max(vec2<i32>(0), -corner);
  let end = min(uniforms.window, uniforms.inSize - corner);
  var sum = ${value}(0.0);
  for (var ky = begin.x; ky < end.x; ky++) {
    let row = (image * uniforms.inSize.x + corner.x + ky) * uniforms.inSize.y + corner.y;
    for (var kx = begin.y; kx < end.y; kx++) {
      sum += x[(row + kx) * uniforms.depth + c] * taps[(ky * uniforms.window.y + kx) * uniforms.depth + c];
    }
  }
  result[thread] = sum;`,
  })

/** dy [N, H', W', C], filter [kh, kw, C, 1] → [N, H, W, C]. */
export const depthwiseInputGradient = (
  backend: Backend,
  [dy, taps]: [tf.TensorInfo, tf.TensorInfo],
  s: ConvShape,
): tf.TensorInfo =>
  runPixels(backend, s, {
    name: 'depthwiseInputGradient',
    inputs: { dy, taps },
    of: 'inSize',
    main: (value) => `
  // Taps that a result pixel meets here with: k = (pixel + pad) mod stride, then every stride-th.
  let reach = pixel + uniforms.pad;
  let begin = reach % uniforms.stride;
  var sum = ${value}(0.0);
  for (var ky = begin.x; ky < uniforms.window.x; ky += uniforms.stride.x) {
    let oy = (reach.x - ky) / uniforms.stride.x;
    if (reach.x < ky || oy >= uniforms.outSize.x) { continue; }
    for (var kx = begin.y; kx < uniforms.window.y; kx += uniforms.stride.y) {
      let ox = (reach.y - kx) / uniforms.stride.y;
      if (reach.y < kx || ox >= uniforms.outSize.y) { continue; }
      let at = (image * uniforms.outSize.x + oy) * uniforms.outSize.y + ox;
      sum += dy[at * uniforms.depth + c] * taps[(ky * uniforms.window.y + kx) * uniforms.depth + c];
    }
  }
  result[thread] = sum;`,
  })

/** Enough invocations for any device; the copies stay small, a filter has few weights. */
const THREADS = 8192

/** x [N, H, W, C], dy [N, H', W', C] → [kh, kw, C, 1]. */
export function depthwiseFilterGradient(
  backend: Backend,
  [x, dy]: [tf.TensorInfo, tf.TensorInfo],
  s: ConvShape,
): tf.TensorInfo {
  const lanes = lanesOf(s.inChannels)
  const depth = s.inChannels / lanes
  const filterShape = [s.filterHeight, s.filterWidth, s.inChannels, 1]
  const perCopy = s.filterHeight * s.filterWidth * depth
  const rows = s.batch * s.outHeight
  const rowsPerCopy = Math.ceil(rows / Math.max(1, Math.min(rows, Math.floor(THREADS / perCopy))))
  const copies = Math.ceil(rows / rowsPerCopy)
  const partial = runFlat(backend, {
    key: `depthwiseFilterGradient_${lanes}`,
    inputs: [
      { name: 'x', tensor: x, lanes },
      { name: 'dy', tensor: dy, lanes },
    ],
    outShape: copies === 1 ? filterShape : [copies, perCopy * lanes],
    outLanes: lanes,
    uniforms: { ...windowSizes(s), depth, rows: [rows, rowsPerCopy], perCopy, count: perCopy * copies },
    threads: perCopy * copies,
    code: `
fn main(thread : i32) {
  if (thread >= uniforms.count) { return; }
  let c = thread % uniforms.depth;
  let tap = (thread % uniforms.perCopy) / uniforms.depth;
  let ky = tap / uniforms.window.y;
  let offset = tap % uniforms.window.y - uniforms.pad.y;
  let first = thread / uniforms.perCopy * uniforms.rows.y;
  // Result columns whose source column lies inside the image.
  let begin = (max(0, -offset) + uniforms.stride.y - 1) / uniforms.stride.y;
  let room = uniforms.inSize.y - 1 - offset;
  let end = select(min(uniforms.outSize.y, room / uniforms.stride.y + 1), 0, room < 0);
  var sum = ${floatType(lanes)}(0.0);
  for (var row = first; row < min(first + uniforms.rows.y, uniforms.rows.x); row++) {
    let iy = (row % uniforms.outSize.x) * uniforms.stride.x + ky - uniforms.pad.x;
    if (iy < 0 || iy >= uniforms.inSize.x) { continue; }
    let source = (row / uniforms.outSize.x * uniforms.inSize.x + iy) * uniforms.inSize.y + offset;
    for (var ox = begin; ox < end; ox++) {
      sum += x[(source + ox * uniforms.stride.y) * uniforms.depth + c]
        * dy[(row * uniforms.outSize.y + ox) * uniforms.depth + c];
    }
  }
  result[thread] = sum;
}`,
  })
  return copies === 1 ? partial : sumCopies(backend, partial, filterShape, copies)
}

export const webgpu: Kernels = {
  [tf.DepthwiseConv2dNative]: onWebGpu(depthwiseForwardCall, depthwiseForward),
  [tf.DepthwiseConv2dNativeBackpropInput]: onWebGpu(depthwiseInputGradientCall, depthwiseInputGradient),
  [tf.DepthwiseConv2dNativeBackpropFilter]: onWebGpu(depthwiseFilterGradientCall, depthwiseFilterGradient),
}
