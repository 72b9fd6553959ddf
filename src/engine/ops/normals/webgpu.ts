/** Standard normal values on the device: an invocation makes a pair. */

import type * as tf from '../../tf'
import { rangeOf, valuesAtOnce } from '../../tf/buffers'
import { type Backend, runFlat, runOf } from '../shared/program'
import { ANGLE, COS, HASH, LOG, MINUS_TWO_LN_2, ROOT_HALF, SIN, TO_ROOT_HALF } from './normals'

const text = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : `${value}`)

/** Horner's. */
const series = (terms: readonly number[], x: string): string =>
  terms.map(text).reduceRight((sum, term) => `(${sum} * ${x} + ${term})`)

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
fn mixed(x : u32, second : u32) -> u32 {
  var h = (x ^ (x >> 16u)) * ${HASH.first}u;
  h = (h ^ (h >> 13u) ^ second) * ${HASH.second}u;
  return h ^ (h >> 16u);
}
fn minusTwoLn(word : u32) -> f32 {
  let bits = bitcast<u32>(f32((word >> 8u) | 1u)) + ${TO_ROOT_HALF}u;
  let f = bitcast<f32>((bits & 0x7fffffu) + ${ROOT_HALF}u) - 1.0;
  let s = f / (f + 2.0);
  let q = s * s;
  return ${series(LOG, 'q')} * s + f32(i32(bits >> 23u) - 151) * ${text(MINUS_TWO_LN_2)};
}
fn main(thread : i32) {
  let key = (u32(high[0]) << 16u) + u32(low[0]);
  let one = mixed(key, 0u);
  let two = mixed(key ^ ${HASH.other}u, 0u);
  for (var pair = thread * uniforms.run; pair < (thread + 1) * uniforms.run; pair++) {
    let i = 2 * pair;
    if (i >= uniforms.count) { return; }
    let place = u32(uniforms.first + i);
    let radius = sqrt(minusTwoLn(mixed(one + (place + 1u) * ${HASH.step}u, two)));
    let word = mixed(one + (place + 2u) * ${HASH.step}u, two);
    let angle = f32(2 * (i32(word >> 10u) - ${2 ** 21}) + 1) * ${text(ANGLE)};
    let q = angle * angle;
    let sine = radius * (${series(SIN, 'q')} * angle);
    let cosine = select(radius, -radius, (word & 2u) != 0u) * ${series(COS, 'q')};
    let isSwapped = (word & 1u) != 0u;
    result[i] = select(cosine, sine, isSwapped);
    if (i + 1 < uniforms.count) { result[i + 1] = select(sine, cosine, isSwapped); }
  }
}`,
    })
    if (into !== out) backend.disposeData(into.dataId)
  }
  return out
}
