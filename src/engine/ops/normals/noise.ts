/**
 * A table of standard normal values, the same bits on every machine: every step is an integer's, or one of 32 bits with
 * one rounding, in the order below. A pair is
 *     √(−2 ln u)·(±cos a, sin a), or the two swapped, with u, a in ±π/4, sign and swap from two hashes of its place.
 * Source: Box & Muller 1958; sine and cosine are Moshier's Cephes, sinf and cosf.
 */
import { hash, mixed } from './hash'

/** Where a window of it may begin. */
const PLACES = 2 ** 16
/** Values of a window. */
export const BLOCK = 1024

const float = Math.fround
const KEY = mixed(0x5eed)

/** What moves a mantissa from [1, 2) to [√½, √2): bits of √½, and of 1 less those. */
const ROOT_HALF = 0x3f3504f3
const TO_ROOT_HALF = 0x3f800000 - ROOT_HALF
/** −2·ln 2, and −2·ln((1 + s)/(1 − s)) = s·Σ LOG[k]·s²ᵏ. */
const MINUS_TWO_LN_2 = float(-2 * Math.LN2)
const LOG = [-4, -4 / 3, -4 / 5, -4 / 7].map(float)
/** An odd number of 23 bits to an angle. */
const ANGLE = float(Math.PI / 2 ** 24)
/** sin a = a·Σ SIN[k]·a²ᵏ, cos a = Σ COS[k]·a²ᵏ. */
const SIN = [1, -1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4].map(float)
const COS = [1, -0.5, 4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5].map(float)

let table: Float32Array | undefined

/** @returns [2¹⁶ + BLOCK], its beginning again at its end */
export function noise(): Float32Array {
  if (table) return table
  table = new Float32Array(PLACES + BLOCK)
  for (let i = 0; i < PLACES; i += 2) pair(table, i)
  return table.copyWithin(PLACES, 0, BLOCK)
}

function pair(out: Float32Array, i: number): void {
  const radius = float(Math.sqrt(minusTwoLn(hash(KEY, i))))
  const word = hash(KEY, i + 1)
  const angle = float(float(2 * ((word >>> 10) - 2 ** 21) + 1) * ANGLE)
  const square = float(angle * angle)
  const sine = float(series(SIN, square) * angle)
  const cosine = word & 2 ? -series(COS, square) : series(COS, square)
  const [a, b] = word & 1 ? [sine, cosine] : [cosine, sine]
  out[i] = radius * a
  out[i + 1] = radius * b
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
