/**
 * Standard normal values from a key: value i depends on the key and on i alone, so that a recorded step draws others
 * when it is replayed with another key. The bits are the same everywhere; logarithm and cosine are each backend's own.
 *     u, v = two hashes of (key, i / 2), as uniform numbers;  z = √(−2 ln u)·(cos a, sin a), a = 2π(v − ½)
 * Source: Box & Muller 1958.
 */
import * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'

export const NORMALS = 'BasinNormals'

/** 32 bits, as two numbers below 2¹⁶: a float holds these exactly. */
export interface Key {
  high: tf.Scalar
  low: tf.Scalar
}

/** @returns [size] */
export function standardNormals(size: number, { high, low }: Key): tf.Tensor1D {
  if (canFuse(NORMALS, high, low)) return runFused(NORMALS, { high, low }, { size })[0] as tf.Tensor1D
  const [h, l] = [high.dataSync()[0], low.dataSync()[0]]
  return tf.tensor1d(normalsOf(size, h * 65536 + l))
}

/** The same on the host. */
export function normalsOf(size: number, key: number): Float32Array {
  const out = new Float32Array(size)
  for (let i = 0; i < size; i += 2) {
    const u = (hash(key, i) >>> 8) + 1
    const v = hash(key, i + 1) >>> 8
    const radius = Math.sqrt(-2 * Math.log(u / UNIT))
    // Within ±π, where WGSL promises sines of some precision.
    const angle = 2 * Math.PI * (v / UNIT - 0.5)
    out[i] = radius * Math.cos(angle)
    if (i + 1 < size) out[i + 1] = radius * Math.sin(angle)
  }
  return out
}

/** 24 bits: what a float tells apart. */
export const UNIT = 2 ** 24

/** Odd constants of the hash, and those of its mixing (the finaliser of MurmurHash3). */
export const HASH = { step: 0x9e3779b1, other: 0x7feb352d, first: 0x85ebca6b, second: 0xc2b2ae35 }

function hash(key: number, i: number): number {
  return mix(mix((key + Math.imul(i + 1, HASH.step)) | 0) ^ Math.imul(key, HASH.other))
}

function mix(x: number): number {
  let h = x
  h = Math.imul(h ^ (h >>> 16), HASH.first)
  h = Math.imul(h ^ (h >>> 13), HASH.second)
  return h ^ (h >>> 16)
}
