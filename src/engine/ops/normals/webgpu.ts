/** Standard normal values on the device: an invocation makes a pair. */

import type * as tf from '../../tf'
import { rangeOf, valuesAtOnce } from '../../tf/buffers'
import { type Backend, runFlat, runOf } from '../shared/program'
import { HASH, UNIT } from './normals'

/** @param atOnce how many values may be bound, a multiple of RANGE_STEP, which is even */
export function normals(
  backend: Backend,
  { high, low }: { high: tf.TensorInfo; low: tf.TensorInfo },
  size: number,
  atOnce = valuesAtOnce(backend),
): tf.TensorInfo {
  const out = backend.makeTensorInfo([size], 'float32')
  for (let first = 0; first < size; first += atOnce) {
    const count = Math.min(atOnce, size - first)
    const into = count === size ? out : rangeOf(backend, out, first, count)
    const run = runOf(backend)
    runFlat(backend, {
      key: 'normals',
      inputs: [
        { name: 'high', tensor: high, lanes: 1 },
        { name: 'low', tensor: low, lanes: 1 },
      ],
      outShape: [count],
      outLanes: 1,
      into,
      uniforms: { count, first, run },
      threads: Math.ceil(count / 2 / run),
      code: `
fn mixed(x : u32) -> u32 {
  var h = x;
  h = (h ^ (h >> 16u)) * ${HASH.first}u;
  h = (h ^ (h >> 13u)) * ${HASH.second}u;
  return h ^ (h >> 16u);
}
fn hash(key : u32, i : u32) -> u32 {
  return mixed(mixed(key + (i + 1u) * ${HASH.step}u) ^ (key * ${HASH.other}u));
}
fn main(thread : i32) {
  let key = (u32(high[0]) << 16u) + u32(low[0]);
  for (var pair = thread * uniforms.run; pair < (thread + 1) * uniforms.run; pair++) {
    let i = 2 * pair;
    if (i >= uniforms.count) { return; }
    let place = u32(uniforms.first + i);
    let u = f32((hash(key, place) >> 8u) + 1u) / ${UNIT}.0;
    let v = f32(hash(key, place + 1u) >> 8u) / ${UNIT}.0;
    let radius = sqrt(-2.0 * log(u));
    let angle = 6.283185307179586 * (v - 0.5);
    result[i] = radius * cos(angle);
    if (i + 1 < uniforms.count) { result[i + 1] = radius * sin(angle); }
  }
}`,
    })
    if (into !== out) backend.disposeData(into.dataId)
  }
  return out
}
