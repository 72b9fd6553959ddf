/** What all kernels share: multiply-add of the variant that is built, exponentials, moves. */

/** a·b + c: one rounding where the variant has relaxed SIMD and the machine an FMA, two elsewhere. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/**
 * eˣ: 2ⁿ·eʳ with |r| ≤ ln 2/2, eʳ by a polynomial of degree 6. Relative error below 2e-7.
 * Source: Moshier's Cephes, expf.
 */
export function exp4(x: v128): v128 {
  const bounded = f32x4.max(f32x4.splat(-87.33), f32x4.min(f32x4.splat(88.37), x))
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(<f32>Math.LOG2E)))
  let r = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.1219444e-4)))
  let p = f32x4.splat(1.98756915e-4)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1))
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1))
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  const y = f32x4.mul(p, scale)
  // Beyond the range: infinite, or zero. What is not a number stays so, since min and max keep it.
  const inRange = v128.bitselect(f32x4.splat(Infinity), y, f32x4.gt(x, f32x4.splat(88.37)))
  return v128.andnot(inRange, f32x4.lt(x, f32x4.splat(-87.33)))
}

export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0)
}

/** 1/(1 + e⁻ˣ) */
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))))
}

/** Natural logarithm of a positive, normal number. Source: Moshier's Cephes, logf. */
export function log1(x: f32): f32 {
  if (x === 0) return -Infinity
  if (!(x > 0) || x === Infinity) return x > 0 ? x : NaN
  const bits = reinterpret<i32>(x)
  let e: i32 = (bits >> 23) - 126
  let m = reinterpret<f32>((bits & 0x7fffff) | 0x3f000000)
  if (m < Math.SQRT1_2) {
    e -= 1
    m = m + m - 1
  } else {
    m = m - 1
  }
  const z = m * m
  let p: f32 = 7.0376836292e-2
  p = p * m - 1.151461031e-1
  p = p * m + 1.167699874e-1
  p = p * m - 1.2420140846e-1
  p = p * m + 1.4249322787e-1
  p = p * m - 1.6668057665e-1
  p = p * m + 2.0000714765e-1
  p = p * m - 2.4999993993e-1
  p = p * m + 3.3333331174e-1
  let y: f32 = m * z * p
  const n = <f32>e
  y += n * <f32>-2.1219444e-4
  y -= <f32>0.5 * z
  return m + y + n * <f32>0.693359375
}

/** Sum of the four values, in pairs. */
export function sumOf(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 2) +
    (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3))
  )
}

/** `count` values. */
export function copyValues(to: usize, from: usize, count: i32): void {
  memory.copy(to, from, (<usize>count) << 2)
}

export function zeroValues(to: usize, count: i32): void {
  memory.fill(to, 0, (<usize>count) << 2)
}

/** Up to four values as a vector, zeros behind them. */
export function loadSome(at: usize, count: i32): v128 {
  if (count >= 4) return v128.load(at)
  let v = f32x4.splat(0)
  if (count > 0) v = f32x4.replace_lane(v, 0, load<f32>(at))
  if (count > 1) v = f32x4.replace_lane(v, 1, load<f32>(at, 4))
  if (count > 2) v = f32x4.replace_lane(v, 2, load<f32>(at, 8))
  return v
}

export function storeSome(at: usize, v: v128, count: i32): void {
  if (count >= 4) {
    v128.store(at, v)
    return
  }
  if (count > 0) store<f32>(at, f32x4.extract_lane(v, 0))
  if (count > 1) store<f32>(at, f32x4.extract_lane(v, 1), 4)
  if (count > 2) store<f32>(at, f32x4.extract_lane(v, 2), 8)
}
