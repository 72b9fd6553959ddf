/** Standard normal values on the device. */

import type * as tf from '../../tf'
import { rangeOf, valuesAtOnce } from '../../tf/buffers'
import { type Backend, runFlat, runOf } from '../shared/program'
import { HASH } from './hash'
import { BLOCK } from './noise'
import { ROOT_HALF } from './normals'

export type NormalsInputs = Record<'key' | 'table', tf.TensorInfo>

/** @param atOnce how many values may be bound, a multiple of RANGE_STEP */
export function normals(
  backend: Backend,
  { key, table }: NormalsInputs,
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
        { name: 'key', tensor: key, lanes: 1 },
        { name: 'noise', tensor: table, lanes: 1 },
      ],
      outShape: [count],
      outLanes: 1,
      into,
      uniforms: { count, first, run },
      threads: Math.ceil(count / run),
      code: `
fn mixed(x : u32, second : u32) -> u32 {
  var h = (x ^ (x >> 16u)) * ${HASH.first}u;
  h = (h ^ (h >> 13u) ^ second) * ${HASH.second}u;
  return h ^ (h >> 16u);
}
fn signed(word : u32, i : u32) -> f32 {
  let value = noise[(word >> 16u) + i];
  return select(value, -value, (word & 1u) != 0u);
}
fn main(thread : i32) {
  let one = mixed(u32(key[0]), 0u);
  let two = mixed(u32(key[0]) ^ ${HASH.other}u, 0u);
  for (var i = thread * uniforms.run; i < min((thread + 1) * uniforms.run, uniforms.count); i++) {
    let place = u32(uniforms.first + i);
    let word = 2u * (place / ${BLOCK}u);
    let a = mixed(one + (word + 1u) * ${HASH.step}u, two);
    let b = mixed(one + (word + 2u) * ${HASH.step}u, two);
    let inBlock = place % ${BLOCK}u;
    result[i] = (signed(a, inBlock) + signed(b, inBlock)) * ${ROOT_HALF};
  }
}`,
    })
    if (into !== out) backend.disposeData(into.dataId)
  }
  return out
}
