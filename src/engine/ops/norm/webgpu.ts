/** The norm of a flat vector, in two dispatches. */

import type * as tf from '../../tf'
import { rangeOf, valuesAtOnce } from '../../tf/buffers'
import { type Backend, floatType, lanesOf, runFlat, runFlatMany } from '../shared/program'

/** The first stage of the norm: enough invocations for any device, few enough to be summed by one. */
const NORM_THREADS = 512

/**
 * ‖v‖₂ and what clipping to norm `limit` makes of it (0: no clipping): [norm, factor, norm after clipping], scalars.
 * factor = limit/max(norm, limit) is exactly 1 below the limit, so that a short gradient keeps its bits.
 */
export function clippedNorm(
  backend: Backend,
  v: tf.TensorInfo,
  limit: number,
  atOnce = valuesAtOnce(backend),
): tf.TensorInfo[] {
  const size = v.shape.reduce((a, b) => a * b, 1)
  const parts = Math.ceil(size / atOnce)
  const partial = backend.makeTensorInfo([parts * NORM_THREADS], 'float32')
  for (let part = 0; part < parts; part++) {
    const count = Math.min(atOnce, size - part * atOnce)
    const range = parts === 1 ? v : rangeOf(backend, v, part * atOnce, count)
    const lanes = lanesOf(count)
    runFlat(backend, {
      key: `squares_${lanes}`,
      inputs: [{ name: 'v', tensor: range, lanes }],
      outShape: partial.shape,
      outLanes: 1,
      into: partial,
      uniforms: { count: count / lanes, first: part * NORM_THREADS },
      threads: NORM_THREADS,
      code: `
fn main(thread : i32) {
  if (thread >= ${NORM_THREADS}) { return; }
  var sum = ${floatType(lanes)}(0.0);
  for (var i = thread; i < uniforms.count; i += ${NORM_THREADS}) { sum += v[i] * v[i]; }
  result[uniforms.first + thread] = ${lanes === 4 ? 'dot(sum, vec4<f32>(1.0))' : 'sum'};
}`,
    })
    if (range !== v) backend.disposeData(range.dataId)
  }
  const outputs = runFlatMany(backend, {
    key: 'clippedNorm',
    inputs: [{ name: 'partial', tensor: partial, lanes: 4 }],
    outShape: [],
    outLanes: 1,
    moreOutputs: [
      { name: 'factor', shape: [], lanes: 1 },
      { name: 'clipped', shape: [], lanes: 1 },
    ],
    uniforms: { count: (parts * NORM_THREADS) / 4 },
    scale: limit,
    threads: 1,
    code: `
fn main(thread : i32) {
  if (thread > 0) { return; }
  var sum = vec4<f32>(0.0);
  for (var i = 0; i < uniforms.count; i++) { sum += partial[i]; }
  let norm = sqrt(dot(sum, vec4<f32>(1.0)));
  let limit = uniforms.scale;
  // A norm that is not a number must not be clipped into one.
  let scale = select(1.0, limit / select(limit, norm, norm > limit), limit > 0.0);
  let isNumber = norm == norm;
  result[0] = norm;
  factor[0] = select(norm, scale, isNumber);
  clipped[0] = select(norm, norm * scale, isNumber);
}`,
  })
  backend.disposeData(partial.dataId)
  return outputs
}
