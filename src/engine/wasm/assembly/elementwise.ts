/** Value by value: operands that repeat, functions of one value, moves of rows. */
import { copyValues, exp4, loadSome, sigmoid4, storeSome } from './simd'

function binary4(op: i32, a: v128, b: v128): v128 {
  switch (op) {
    case 0:
      return f32x4.add(a, b)
    case 1:
      return f32x4.sub(a, b)
    case 2:
      return f32x4.mul(a, b)
    case 3:
      return f32x4.div(a, b)
    case 4:
      return f32x4.max(a, b)
    case 5:
      return f32x4.min(a, b)
    default:
      return pow4(a, b)
  }
}

/** Rare: by the library's functions, lane by lane. */
function pow4(a: v128, b: v128): v128 {
  return f32x4(
    NativeMathf.pow(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)),
    NativeMathf.pow(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)),
    NativeMathf.pow(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)),
    NativeMathf.pow(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)),
  )
}

function log4(x: v128): v128 {
  return f32x4(
    NativeMathf.log(f32x4.extract_lane(x, 0)),
    NativeMathf.log(f32x4.extract_lane(x, 1)),
    NativeMathf.log(f32x4.extract_lane(x, 2)),
    NativeMathf.log(f32x4.extract_lane(x, 3)),
  )
}

function tanh4(x: v128): v128 {
  return f32x4(
    NativeMathf.tanh(f32x4.extract_lane(x, 0)),
    NativeMathf.tanh(f32x4.extract_lane(x, 1)),
    NativeMathf.tanh(f32x4.extract_lane(x, 2)),
    NativeMathf.tanh(f32x4.extract_lane(x, 3)),
  )
}

/** One run; a step of 0 repeats one value. */
function binaryRun(op: i32, a: usize, aStep: i32, b: usize, bStep: i32, out: usize, count: i32): void {
  const aSplat = v128.load_splat<f32>(a)
  const bSplat = v128.load_splat<f32>(b)
  let i = 0
  // One loop for each op and kind, so that nothing is decided inside.
  if (aStep !== 0 && bStep !== 0) {
    switch (op) {
      case 0:
        for (; i + 4 <= count; i += 4, a += 16, b += 16, out += 16)
          v128.store(out, f32x4.add(v128.load(a), v128.load(b)))
        break
      case 1:
        for (; i + 4 <= count; i += 4, a += 16, b += 16, out += 16)
          v128.store(out, f32x4.sub(v128.load(a), v128.load(b)))
        break
      case 2:
        for (; i + 4 <= count; i += 4, a += 16, b += 16, out += 16)
          v128.store(out, f32x4.mul(v128.load(a), v128.load(b)))
        break
    }
  }
  for (; i < count; i += 4) {
    const left = count - i
    const u = aStep === 0 ? aSplat : loadSome(a, left)
    const v = bStep === 0 ? bSplat : loadSome(b, left)
    storeSome(out, binary4(op, u, v), left)
    if (aStep !== 0) a += 16
    if (bStep !== 0) b += 16
    out += 16
  }
}

/**
 * Unit: some outer places. Parameters: op, a, b, out, outer lengths (three), a's and b's steps in values for each of
 * them, run, a's and b's step in a run (0 or 1), outer places of a unit.
 */
export function binary(p: usize, from: i32, to: i32): void {
  const op = load<i32>(p),
    a = load<usize>(p, 4),
    b = load<usize>(p, 8),
    out = load<usize>(p, 12)
  const n0 = load<i32>(p, 16),
    n1 = load<i32>(p, 20),
    n2 = load<i32>(p, 24)
  const run = load<i32>(p, 52),
    aStep = load<i32>(p, 56),
    bStep = load<i32>(p, 60),
    perUnit = load<i32>(p, 64)
  const end = min(to * perUnit, n0 * n1 * n2)
  for (let i = from * perUnit; i < end; i++) {
    const i2 = i % n2,
      i1 = (i / n2) % n1,
      i0 = i / (n1 * n2)
    const aAt = i0 * load<i32>(p, 28) + i1 * load<i32>(p, 32) + i2 * load<i32>(p, 36)
    const bAt = i0 * load<i32>(p, 40) + i1 * load<i32>(p, 44) + i2 * load<i32>(p, 48)
    binaryRun(
      op,
      a + ((<usize>aAt) << 2),
      aStep,
      b + ((<usize>bAt) << 2),
      bStep,
      out + ((<usize>i * run) << 2),
      run,
    )
  }
}

/** Parameters: op, a, b, out, count; operands of one length or of one value. Unit: a block of BLOCK values. */
export const BLOCK = 4096

export function binaryFlat(p: usize, from: i32, to: i32): void {
  const op = load<i32>(p),
    a = load<usize>(p, 4),
    b = load<usize>(p, 8),
    out = load<usize>(p, 12)
  const count = load<i32>(p, 16),
    aStep = load<i32>(p, 20),
    bStep = load<i32>(p, 24)
  const first = from * BLOCK
  const end = min(to * BLOCK, count)
  if (end <= first) return
  binaryRun(
    op,
    a + ((<usize>(first * aStep)) << 2),
    aStep,
    b + ((<usize>(first * bStep)) << 2),
    bStep,
    out + ((<usize>first) << 2),
    end - first,
  )
}

function unary4(op: i32, x: v128): v128 {
  const zero = f32x4.splat(0)
  const one = f32x4.splat(1)
  switch (op) {
    case 0: // relu: what is not a number stays so
      return v128.andnot(x, f32x4.lt(x, zero))
    case 1: // step, by tfjs: 1 above zero, not a number where x is not
      return v128.bitselect(x, v128.and(one, f32x4.gt(x, zero)), f32x4.ne(x, x))
    case 2:
      return sigmoid4(x)
    case 3:
      return exp4(x)
    case 4:
      return f32x4.neg(x)
    case 5:
      return f32x4.sqrt(x)
    case 6:
      return f32x4.div(one, f32x4.sqrt(x))
    case 7:
      return f32x4.mul(x, x)
    case 8:
      return f32x4.abs(x)
    case 9:
      return log4(x)
    case 10:
      return tanh4(x)
    default: // sign
      return f32x4.sub(v128.and(one, f32x4.gt(x, zero)), v128.and(one, f32x4.lt(x, zero)))
  }
}

/** Parameters: op, x, out, count. Unit: a block of BLOCK values. */
export function unary(p: usize, from: i32, to: i32): void {
  const op = load<i32>(p),
    x = load<usize>(p, 4),
    out = load<usize>(p, 8),
    count = load<i32>(p, 12)
  const end = min(to * BLOCK, count)
  for (let i = from * BLOCK; i < end; i += 4) {
    const at = (<usize>i) << 2
    storeSome(out + at, unary4(op, loadSome(x + at, end - i)), end - i)
  }
}

/** Unit: a row. Parameters: from, its step, to, its step (bytes), values of a row. */
export function copyRows(p: usize, from: i32, to: i32): void {
  const source = load<usize>(p),
    sourceStep = load<usize>(p, 4)
  const target = load<usize>(p, 8),
    targetStep = load<usize>(p, 12)
  const count = load<i32>(p, 16)
  for (let row = from; row < to; row++) {
    copyValues(target + <usize>row * targetStep, source + <usize>row * sourceStep, count)
  }
}

/** Unit: a piece. Parameters: triples (from, to, values). */
export function copyPieces(p: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const at = p + <usize>i * 12
    copyValues(load<usize>(at, 4), load<usize>(at), load<i32>(at, 8))
  }
}

/** Unit: a block of BLOCK values. Parameters: to, count, value. */
export function fill(p: usize, from: i32, to: i32): void {
  const target = load<usize>(p)
  const value = v128.load_splat<f32>(p, 8)
  const end = min(to * BLOCK, load<i32>(p, 4))
  for (let i = from * BLOCK; i < end; i += 4) storeSome(target + ((<usize>i) << 2), value, end - i)
}
