/** Standard normal values, four pairs at a time; every step and constant is that of ops/normals/normals.ts. */
import { storeSome } from './simd'

/** Values of a block: whole groups of eight. */
const BLOCK = 1024

/**
 * Unit: a block. Parameters: out, count, pointers to the halves of the key; then the constants, in the order in which they
 * are met below. They are loaded where they are used: as numbers in the text V8 would make them anew in every turn.
 */
export function normals(p: usize, from: i32, to: i32): void {
  const out = load<usize>(p),
    count = load<i32>(p, 4)
  const key = ((<u32>load<f32>(load<usize>(p, 8))) << 16) + <u32>load<f32>(load<usize>(p, 12))
  const step = load<i32>(p, 16)
  const c = p + 24
  const none = i32x4.splat(0)
  const first = mixed(c, i32x4.splat(key), none)
  const second = mixed(c, i32x4.splat(key ^ load<i32>(p, 20)), none)
  const end = min(to * BLOCK, count)
  let i = from * BLOCK
  // Of the even places; those beside them are one step further.
  let at = i32x4.add(first, i32x4.mul(i32x4.add(i32x4.splat(i), i32x4(1, 3, 5, 7)), i32x4.splat(step)))
  const one = i32x4.splat(step),
    eight = i32x4.splat(8 * step)
  for (; i < end; i += 8) {
    const radius = f32x4.sqrt(minusTwoLn(c, mixed(c, at, second)))
    const word = mixed(c, i32x4.add(at, one), second)
    at = i32x4.add(at, eight)
    const odd = i32x4.sub(
      v128.or(i32x4.shr_u(word, 9), v128.load_splat<i32>(c, 8)),
      v128.load_splat<i32>(c, 40),
    )
    const angle = f32x4.mul(f32x4.convert_i32x4_s(odd), v128.load_splat<f32>(c, 44))
    const q = f32x4.mul(angle, angle)
    let sine = horner(v128.load_splat<f32>(c, 48), q, v128.load_splat<f32>(c, 52))
    sine = horner(horner(sine, q, v128.load_splat<f32>(c, 56)), q, v128.load_splat<f32>(c, 60))
    sine = f32x4.mul(sine, angle)
    let cosine = horner(v128.load_splat<f32>(c, 64), q, v128.load_splat<f32>(c, 68))
    cosine = horner(horner(cosine, q, v128.load_splat<f32>(c, 72)), q, v128.load_splat<f32>(c, 76))
    cosine = horner(cosine, q, v128.load_splat<f32>(c, 80))
    // The sign is the word's second bit, the swap its first.
    cosine = v128.xor(cosine, i32x4.shl(i32x4.shr_u(word, 1), 31))
    const isSwapped = i32x4.shr_s(i32x4.shl(word, 31), 31)
    const a = f32x4.mul(radius, v128.bitselect(sine, cosine, isSwapped))
    const b = f32x4.mul(radius, v128.bitselect(cosine, sine, isSwapped))
    const target = out + ((<usize>i) << 2)
    const low = v128.shuffle<i32>(a, b, 0, 4, 1, 5),
      high = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
    if (i + 8 <= end) {
      v128.store(target, low)
      v128.store(target, high, 16)
    } else {
      storeSome(target, low, end - i)
      storeSome(target + 16, high, end - i - 4)
    }
  }
}

/** MurmurHash3's finaliser, with the second half of the key in its middle. */
function mixed(c: usize, x: v128, second: v128): v128 {
  let h = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), v128.load_splat<i32>(c))
  h = i32x4.mul(v128.xor(v128.xor(h, i32x4.shr_u(h, 13)), second), v128.load_splat<i32>(c, 4))
  return v128.xor(h, i32x4.shr_u(h, 16))
}

/** −2 ln(n/2²⁴) with n the odd number of 24 bits in a word. */
function minusTwoLn(c: usize, word: v128): v128 {
  const n = f32x4.convert_i32x4_s(v128.or(i32x4.shr_u(word, 8), v128.load_splat<i32>(c, 8)))
  const bits = i32x4.add(n, v128.load_splat<i32>(c, 12))
  const exponent = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(bits, 23), v128.load_splat<i32>(c, 16)))
  const mantissa = i32x4.add(v128.and(bits, v128.load_splat<i32>(c, 20)), v128.load_splat<i32>(c, 84))
  const f = f32x4.sub(mantissa, v128.load_splat<f32>(c, 80))
  const s = f32x4.div(f, f32x4.add(f, v128.load_splat<f32>(c, 88)))
  const q = f32x4.mul(s, s)
  let sum = horner(v128.load_splat<f32>(c, 24), q, v128.load_splat<f32>(c, 28))
  sum = horner(horner(sum, q, v128.load_splat<f32>(c, 32)), q, v128.load_splat<f32>(c, 36))
  return f32x4.add(f32x4.mul(sum, s), f32x4.mul(exponent, v128.load_splat<f32>(c, 92)))
}

/** sum·x + term, in two roundings. */
function horner(sum: v128, x: v128, term: v128): v128 {
  return f32x4.add(f32x4.mul(sum, x), term)
}
