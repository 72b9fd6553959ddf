/** Sums. Each is made of parts of a fixed number of values, so that it does not depend on the threads. */
import { loadSome, storeSome, sumOf } from './simd'

/** Values of one row that are summed by themselves before they are added up. */
const PART = 1024

/** Σ over `count` values that follow one another. */
function sumRun(at: usize, count: i32): f32 {
  let total: f64 = 0
  for (let first = 0; first < count; first += PART) {
    const end = min(first + PART, count)
    let a = f32x4.splat(0),
      b = f32x4.splat(0),
      c = f32x4.splat(0),
      d = f32x4.splat(0)
    let i = first
    for (; i + 16 <= end; i += 16) {
      const here = at + ((<usize>i) << 2)
      a = f32x4.add(a, v128.load(here))
      b = f32x4.add(b, v128.load(here, 16))
      c = f32x4.add(c, v128.load(here, 32))
      d = f32x4.add(d, v128.load(here, 48))
    }
    for (; i < end; i += 4) a = f32x4.add(a, loadSome(at + ((<usize>i) << 2), end - i))
    total += <f64>sumOf(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)))
  }
  return <f32>total
}

/** Rows that are summed by themselves before they are added up. */
const ROWS = 64

/**
 * scale·Σ over the rows of x [outer, rows, columns].
 * Unit: sixteen columns of one outer place (columns > 1), or one outer place. Parameters: x, out, outer, rows, columns,
 * scale.
 */
export function sumRows(p: usize, from: i32, to: i32): void {
  const x = load<usize>(p),
    out = load<usize>(p, 4)
  const rows = load<i32>(p, 12),
    columns = load<i32>(p, 16)
  const scale = load<f32>(p, 20)
  if (columns === 1) {
    for (let unit = from; unit < to; unit++) {
      store<f32>(out + ((<usize>unit) << 2), sumRun(x + ((<usize>(unit * rows)) << 2), rows) * scale)
    }
    return
  }
  const groups = (columns + 15) / 16
  const step = (<usize>columns) << 2
  for (let unit = from; unit < to; unit++) {
    const outer = unit / groups
    const last = min(columns, (unit % groups) * 16 + 16)
    for (let column = (unit % groups) * 16; column < last; column += 4) {
      const left = columns - column
      let total = f32x4.splat(0)
      const begin = x + ((<usize>(outer * rows * columns + column)) << 2)
      for (let first = 0; first < rows; first += ROWS) {
        let sum = f32x4.splat(0)
        let at = begin + <usize>first * step
        const end = begin + <usize>min(first + ROWS, rows) * step
        if (left >= 4) {
          for (; at < end; at += step) sum = f32x4.add(sum, v128.load(at))
        } else {
          for (; at < end; at += step) sum = f32x4.add(sum, loadSome(at, left))
        }
        total = f32x4.add(total, sum)
      }
      storeSome(out + ((<usize>(outer * columns + column)) << 2), f32x4.mul(total, f32x4.splat(scale)), left)
    }
  }
}

/** The highest value of each row; NaN where there is one. Parameters: x, out, columns. Unit: a row. */
export function maxRows(p: usize, from: i32, to: i32): void {
  const x = load<usize>(p),
    out = load<usize>(p, 4)
  const count = load<i32>(p, 8)
  for (let row = from; row < to; row++) {
    const at = x + ((<usize>(row * count)) << 2)
    let highest = load<f32>(at)
    for (let i = 1; i < count; i++) highest = max(highest, load<f32>(at + ((<usize>i) << 2)))
    store<f32>(out + ((<usize>row) << 2), highest)
  }
}

/** Values whose squares are summed by themselves. */
export const SQUARES = 4096

/** Σ v² of blocks of SQUARES values, each a double. Parameters: v, parts, count. Unit: a block. */
export function squares(p: usize, from: i32, to: i32): void {
  const v = load<usize>(p),
    parts = load<usize>(p, 4),
    count = load<i32>(p, 8)
  for (let unit = from; unit < to; unit++) {
    const end = min((unit + 1) * SQUARES, count)
    let a = f32x4.splat(0),
      b = f32x4.splat(0),
      c = f32x4.splat(0),
      d = f32x4.splat(0)
    let i = unit * SQUARES
    for (; i + 16 <= end; i += 16) {
      const at = v + ((<usize>i) << 2)
      let x = v128.load(at)
      a = f32x4.add(a, f32x4.mul(x, x))
      x = v128.load(at, 16)
      b = f32x4.add(b, f32x4.mul(x, x))
      x = v128.load(at, 32)
      c = f32x4.add(c, f32x4.mul(x, x))
      x = v128.load(at, 48)
      d = f32x4.add(d, f32x4.mul(x, x))
    }
    for (; i < end; i += 4) {
      const x = loadSome(v + ((<usize>i) << 2), end - i)
      a = f32x4.add(a, f32x4.mul(x, x))
    }
    store<f64>(parts + ((<usize>unit) << 3), <f64>sumOf(f32x4.add(f32x4.add(a, b), f32x4.add(c, d))))
  }
}

/**
 * Σ a·b of parts, each a double: to the bits of the products summed by sumRows. Unit: a part. Parameters: a, b, parts,
 * count.
 */
export function products(p: usize, from: i32, to: i32): void {
  const a = load<usize>(p),
    b = load<usize>(p, 4),
    parts = load<usize>(p, 8),
    count = load<i32>(p, 12)
  for (let unit = from; unit < to; unit++) {
    const end = min((unit + 1) * PART, count)
    let s0 = f32x4.splat(0),
      s1 = f32x4.splat(0),
      s2 = f32x4.splat(0),
      s3 = f32x4.splat(0)
    let i = unit * PART
    for (; i + 16 <= end; i += 16) {
      const x = a + ((<usize>i) << 2),
        y = b + ((<usize>i) << 2)
      s0 = f32x4.add(s0, f32x4.mul(v128.load(x), v128.load(y)))
      s1 = f32x4.add(s1, f32x4.mul(v128.load(x, 16), v128.load(y, 16)))
      s2 = f32x4.add(s2, f32x4.mul(v128.load(x, 32), v128.load(y, 32)))
      s3 = f32x4.add(s3, f32x4.mul(v128.load(x, 48), v128.load(y, 48)))
    }
    for (; i < end; i += 4) {
      const at = (<usize>i) << 2
      s0 = f32x4.add(s0, f32x4.mul(loadSome(a + at, end - i), loadSome(b + at, end - i)))
    }
    store<f64>(parts + ((<usize>unit) << 3), <f64>sumOf(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))))
  }
}

/** Σ of doubles. */
function sumParts(parts: usize, count: i32): f64 {
  let sum: f64 = 0
  for (let i = 0; i < count; i++) sum += load<f64>(parts + ((<usize>i) << 3))
  return sum
}

/** Parameters: parts, how many, out. */
export function sumOfParts(p: usize): void {
  store<f32>(load<usize>(p, 8), <f32>sumParts(load<usize>(p), load<i32>(p, 4)))
}

/**
 * ‖v‖, what clipping to `limit` multiplies it with (1 below; 0 does not clip), and the norm after it.
 * Parameters: parts, how many, limit, norm, factor, clipped.
 */
export function clippedNorm(p: usize): void {
  const limit = load<f32>(p, 8)
  const norm = <f32>Math.sqrt(sumParts(load<usize>(p), load<i32>(p, 4)))
  // A norm that is not a number must not be clipped into one.
  const factor: f32 = isNaN(norm) ? norm : limit > 0 && norm > limit ? limit / norm : 1
  store<f32>(load<usize>(p, 12), norm)
  store<f32>(load<usize>(p, 16), factor)
  store<f32>(load<usize>(p, 20), isNaN(norm) ? norm : norm * factor)
}
