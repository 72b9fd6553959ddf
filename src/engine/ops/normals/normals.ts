/**
 * Standard normal values from a key: value i depends on the key and on i alone, so that a recorded step draws others
 * when it is replayed with another key. A block of them is
 *     (±T[a …] ± T[b …])·√½, with places a, b and signs from two hashes of key and block,
 * of a fixed table T of normal values: one addition a value, where drawing it costs a logarithm, a root and a sine, and
 * the same bits on every device. Over the keys they are uncorrelated; two blocks of one key may share a part of T.
 * Source: a shared table of noise is Salimans et al. 2017 (arXiv 1703.03864, §2.1); two signed windows of it are ours.
 */
import * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'
import { hash, mixed } from './hash'
import { BLOCK, noise } from './noise'

export const NORMALS = 'BasinNormals'

export const ROOT_HALF = Math.fround(Math.SQRT1_2)

/**
 * @param key an integer below 2²⁴: a float holds it exactly
 * @returns [size]
 */
export function standardNormals(size: number, key: tf.Scalar): tf.Tensor1D {
  if (canFuse(NORMALS, key)) {
    const table = tf.tensor1d(noise())
    return runFused(NORMALS, { key, table }, { size })[0] as tf.Tensor1D
  }
  return tf.tensor1d(normalsOf(size, key.dataSync()[0]))
}

/** The same on the host. */
export function normalsOf(size: number, key: number): Float32Array {
  const out = new Float32Array(size)
  const table = noise()
  const halves = mixed(key)
  for (let block = 0; block * BLOCK < size; block++) {
    const [a, b] = [hash(halves, 2 * block), hash(halves, 2 * block + 1)]
    const [atA, atB] = [a >>> 16, b >>> 16]
    const [signA, signB] = [a & 1 ? -1 : 1, b & 1 ? -1 : 1]
    const first = block * BLOCK
    for (let i = 0; i < Math.min(BLOCK, size - first); i++) {
      out[first + i] = Math.fround(signA * table[atA + i] + signB * table[atB + i]) * ROOT_HALF
    }
  }
  return out
}
