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
import { globalNorm } from '../norm/norm'
import { hash, mixed } from './hash'
import { BLOCK, noise } from './noise'

export const NORMALS = 'BasinNormals'

export const ROOT_HALF = Math.fround(Math.SQRT1_2)

/**
 * @param key an integer below 2²⁴: a float holds it exactly
 * @returns z [size] and its norm, which costs no pass of its own where z is drawn in WebAssembly
 */
export function standardNormals(size: number, key: tf.Scalar): { z: tf.Tensor1D; norm: tf.Scalar } {
  if (canFuse(NORMALS, key)) {
    const table = tf.tensor1d(noise())
    const [z, norm] = runFused(NORMALS, { key, table }, { size })
    return { z: z as tf.Tensor1D, norm: norm as tf.Scalar }
  }
  const z = tf.tensor1d(normalsOf(size, key.dataSync()[0]))
  return { z, norm: globalNorm(z) }
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
