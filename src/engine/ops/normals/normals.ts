/**
 * Standard normal values from a key: value i depends on the key and on i alone, so that a recorded step draws others
 * when it is replayed with another key. A pair is
 *     √(−2 ln u)·(±cos a, sin a), or the two swapped, with u, a in ±π/4, sign and swap from two hashes of key and place.
 * Every step is an integer's, or one of 32 bits with one rounding, in the order below: plain JavaScript and WebAssembly
 * give the same bits. A GPU's quotients and roots may end in other ones.
 * Source: Box & Muller 1958; the mixing is MurmurHash3's finaliser; sine and cosine are Moshier's Cephes, sinf and cosf.
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

const float = Math.fround

/** Odd constants of the hash; `other` makes the second half of the key. */
export const HASH = { step: 0x9e3779b1, other: 0x7feb352d, first: 0x85ebca6b, second: 0xc2b2ae35 }
/** What moves a mantissa from [1, 2) to [√½, √2): bits of √½, and of 1 less those. */
export const ROOT_HALF = 0x3f3504f3
export const TO_ROOT_HALF = 0x3f800000 - ROOT_HALF
/** −2·ln 2, and −2·ln((1 + s)/(1 − s)) = s·Σ LOG[k]·s²ᵏ. */
export const MINUS_TWO_LN_2 = float(-2 * Math.LN2)
export const LOG = [-4, -4 / 3, -4 / 5, -4 / 7].map(float)
/** An odd number of 23 bits to an angle. */
export const ANGLE = float(Math.PI / 2 ** 24)
/** sin a = a·Σ SIN[k]·a²ᵏ, cos a = Σ COS[k]·a²ᵏ. */
export const SIN = [1, -1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4].map(float)
export const COS = [1, -0.5, 4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5].map(float)

/** The same on the host. */
export function normalsOf(size: number, key: number): Float32Array {
  const out = new Float32Array(size)
  const [first, second] = [mix(key | 0), mix(key ^ HASH.other)]
  for (let i = 0; i < size; i += 2) {
    const radius = float(Math.sqrt(minusTwoLn(hash(first, second, i))))
    const word = hash(first, second, i + 1)
    const angle = float(float(2 * ((word >>> 10) - 2 ** 21) + 1) * ANGLE)
    const square = float(angle * angle)
    const sine = float(series(SIN, square) * angle)
    const cosine = word & 2 ? -series(COS, square) : series(COS, square)
    const [a, b] = word & 1 ? [sine, cosine] : [cosine, sine]
    out[i] = radius * a
    if (i + 1 < size) out[i + 1] = radius * b
  }
  return out
}

/** Of u = n/2²⁴ with n odd, so that it is neither 0 nor 1. */
function minusTwoLn(word: number): number {
  const bits = bitsOf((word >>> 8) | 1) + TO_ROOT_HALF
  const exponent = (bits >>> 23) - 127 - 24
  const f = float(ofBits((bits & 0x7fffff) + ROOT_HALF) - 1)
  const s = float(f / float(f + 2))
  return float(float(series(LOG, float(s * s)) * s) + float(exponent * MINUS_TWO_LN_2))
}

/** Horner's. */
const series = (terms: readonly number[], x: number) =>
  terms.reduceRight((sum, term) => float(float(sum * x) + term))

/** @param first of the key's halves, with `second` */
function hash(first: number, second: number, i: number): number {
  let h = (first + Math.imul(i + 1, HASH.step)) | 0
  h = Math.imul(h ^ (h >>> 16), HASH.first)
  h = Math.imul(h ^ (h >>> 13) ^ second, HASH.second)
  return h ^ (h >>> 16)
}

const mix = (x: number) => hash(x, 0, -1)

const floats = new Float32Array(1)
const words = new Int32Array(floats.buffer)

function bitsOf(value: number): number {
  floats[0] = value
  return words[0]
}

function ofBits(bits: number): number {
  words[0] = bits
  return floats[0]
}
