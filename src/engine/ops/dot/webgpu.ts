/** The inner product of two flat vectors, in two dispatches. */

import type * as tf from '../../tf'
import { rangeOf, valuesAtOnce } from '../../tf/buffers'
import { type Backend, floatType, lanesOf, runFlat } from '../shared/program'

/** The first stage: enough invocations for any device, few enough to be summed by one. */
const THREADS = 512

/** @param atOnce how many values may be bound, a multiple of RANGE_STEP */
export function dotProduct(
  backend: Backend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  atOnce = valuesAtOnce(backend),
): tf.TensorInfo {
  const size = a.shape.reduce((x, y) => x * y, 1)
  const parts = Math.ceil(size / atOnce)
  const partial = backend.makeTensorInfo([parts * THREADS], 'float32')
  for (let part = 0; part < parts; part++) {
    const count = Math.min(atOnce, size - part * atOnce)
    const rangeIn = (v: tf.TensorInfo) => (parts === 1 ? v : rangeOf(backend, v, part * atOnce, count))
    const ranges = [rangeIn(a), rangeIn(b)]
    const lanes = lanesOf(count)
    runFlat(backend, {
      key: `products_${lanes}`,
      inputs: [
        { name: 'a', tensor: ranges[0], lanes },
        { name: 'b', tensor: ranges[1], lanes },
      ],
      outShape: partial.shape,
      outLanes: 1,
      into: partial,
      uniforms: { count: count / lanes, first: part * THREADS },
      threads: THREADS,
      code: `
fn main(thread : i32) {
  if (thread >= ${THREADS}) { return; }
  var sum = ${floatType(lanes)}(0.0);
  for (var i = thread; i < uniforms.count; i += ${THREADS}) { sum += a[i] * b[i]; }
  result[uniforms.first + thread] = ${lanes === 4 ? 'dot(sum, vec4<f32>(1.0))' : 'sum'};
}`,
    })
    if (parts > 1) for (const range of ranges) backend.disposeData(range.dataId)
  }
  const result = runFlat(backend, {
    key: 'sumOfProducts',
    inputs: [{ name: 'partial', tensor: partial, lanes: 4 }],
    outShape: [],
    outLanes: 1,
    uniforms: { count: (parts * THREADS) / 4 },
    threads: 1,
    code: `
fn main(thread : i32) {
  if (thread > 0) { return; }
  var sum = vec4<f32>(0.0);
  for (var i = 0; i < uniforms.count; i++) { sum += partial[i]; }
  result[0] = dot(sum, vec4<f32>(1.0));
}`,
  })
  backend.disposeData(partial.dataId)
  return result
}
