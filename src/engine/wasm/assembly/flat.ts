/**
 * A formula over flat vectors, step by step over blocks that stay in the first cache. Unit: a block.
 * Parameters: count, scratch, bytes of a thread's, slots, vectors in, scalars in, numbers, steps, results; then for each
 *     vector in: slot, pointer       scalar in: slot, pointer       number: slot, value
 *     step: operation, slot, slots of a, b and c    result: slot, pointer, 1 where the slot's step may write there
 * A slot is a block of values in scratch, or one value for all in its first four places; vectors are read in place, and
 * a step that makes a result writes it there (a block of memory ends on a whole quad, so the last may hold more than
 * there are values). Steps are in an order in which each finds its operands.
 */
import { loadSome, storeSome } from './simd'

/** Values of a block. */
const BLOCK = 1024

/** A slot's entry: where its values are, and 16 where each has its own or 0 where one is for all. */
const ENTRY = 8
/** A step's words. */
const STEP = 20

function step4(op: i32, a: v128, b: v128, c: v128): v128 {
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
      return f32x4.sqrt(a)
    case 7:
      return f32x4.abs(a)
    case 8:
      return f32x4.add(a, f32x4.mul(b, c))
    case 9:
      return f32x4.sub(a, f32x4.mul(b, c))
    default: {
      const zero = f32x4.splat(0),
        one = f32x4.splat(1)
      return f32x4.sub(v128.and(one, f32x4.gt(a, zero)), v128.and(one, f32x4.lt(a, zero)))
    }
  }
}

/** One step over whole quads, two at a time while there are two. */
function run(
  op: i32,
  out: usize,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  bytes: usize,
): void {
  const end = out + bytes
  const pairs = out + (bytes & ~31)
  const aTwice = 2 * aStep,
    bTwice = 2 * bStep,
    cTwice = 2 * cStep
  switch (op) {
    case 0:
      for (; out < pairs; out += 32, a += aTwice, b += bTwice) {
        v128.store(out, f32x4.add(v128.load(a), v128.load(b)))
        v128.store(out, f32x4.add(v128.load(a + aStep), v128.load(b + bStep)), 16)
      }
      break
    case 1:
      for (; out < pairs; out += 32, a += aTwice, b += bTwice) {
        v128.store(out, f32x4.sub(v128.load(a), v128.load(b)))
        v128.store(out, f32x4.sub(v128.load(a + aStep), v128.load(b + bStep)), 16)
      }
      break
    case 2:
      for (; out < pairs; out += 32, a += aTwice, b += bTwice) {
        v128.store(out, f32x4.mul(v128.load(a), v128.load(b)))
        v128.store(out, f32x4.mul(v128.load(a + aStep), v128.load(b + bStep)), 16)
      }
      break
    case 8:
      for (; out < pairs; out += 32, a += aTwice, b += bTwice, c += cTwice) {
        v128.store(out, plusTimes(a, b, c))
        v128.store(out, plusTimes(a + aStep, b + bStep, c + cStep), 16)
      }
      break
    case 9:
      for (; out < pairs; out += 32, a += aTwice, b += bTwice, c += cTwice) {
        v128.store(out, minusTimes(a, b, c))
        v128.store(out, minusTimes(a + aStep, b + bStep, c + cStep), 16)
      }
      break
  }
  for (; out < end; out += 16, a += aStep, b += bStep, c += cStep) {
    v128.store(out, step4(op, v128.load(a), v128.load(b), v128.load(c)))
  }
}

function plusTimes(a: usize, b: usize, c: usize): v128 {
  return f32x4.add(v128.load(a), f32x4.mul(v128.load(b), v128.load(c)))
}

function minusTimes(a: usize, b: usize, c: usize): v128 {
  return f32x4.sub(v128.load(a), f32x4.mul(v128.load(b), v128.load(c)))
}

export function flat(p: usize, from: i32, to: i32, thread: i32): void {
  const count = load<i32>(p)
  const table = load<usize>(p, 4) + <usize>thread * load<usize>(p, 8)
  const slots = load<i32>(p, 12),
    vectors = load<i32>(p, 16),
    scalars = load<i32>(p, 20),
    numbers = load<i32>(p, 24)
  const steps = load<i32>(p, 28),
    results = load<i32>(p, 32)
  const blocks = (table + <usize>slots * ENTRY + 15) & ~15
  for (let slot = 0; slot < slots; slot++) {
    store<usize>(table + <usize>slot * ENTRY, blocks + <usize>slot * (BLOCK * 4))
    store<usize>(table + <usize>slot * ENTRY, 16, 4)
  }
  const vectorsAt = p + 36
  const scalarsAt = vectorsAt + <usize>vectors * 8
  const numbersAt = scalarsAt + <usize>scalars * 8
  const stepsAt = numbersAt + <usize>numbers * 8
  const resultsAt = stepsAt + <usize>steps * STEP
  for (let at = scalarsAt; at < stepsAt; at += 8) {
    const entry = table + <usize>load<i32>(at) * ENTRY
    const value = at < numbersAt ? v128.load_splat<f32>(load<usize>(at, 4)) : v128.load_splat<f32>(at, 4)
    v128.store(load<usize>(entry), value)
    store<usize>(entry, 0, 4)
  }
  for (let unit = from; unit < to; unit++) {
    const first = unit * BLOCK
    const here = min(BLOCK, count - first)
    const offset = (<usize>first) << 2
    const whole = here & ~3
    for (let at = vectorsAt; at < scalarsAt; at += 8) {
      const entry = table + <usize>load<i32>(at) * ENTRY
      const source = load<usize>(at, 4) + offset
      if (whole === here) {
        store<usize>(entry, source)
        continue
      }
      // The last block of a length that is no multiple of four is worked on in scratch.
      const block = blocks + <usize>load<i32>(at) * (BLOCK * 4)
      memory.copy(block, source, (<usize>here) << 2)
      store<usize>(entry, block)
    }
    for (let k = 0; k < results; k++) {
      const at = resultsAt + <usize>k * 12
      if (load<i32>(at, 8) === 0) continue
      store<usize>(table + <usize>load<i32>(at) * ENTRY, load<usize>(at, 4) + offset)
    }
    const bytes = (<usize>((here + 3) & ~3)) << 2
    for (let at = stepsAt; at < resultsAt; at += STEP) {
      const out = table + <usize>load<i32>(at, 4) * ENTRY
      const a = table + <usize>load<i32>(at, 8) * ENTRY
      const b = table + <usize>load<i32>(at, 12) * ENTRY
      const c = table + <usize>load<i32>(at, 16) * ENTRY
      const aStep = load<usize>(a, 4),
        bStep = load<usize>(b, 4),
        cStep = load<usize>(c, 4)
      const isOne = (aStep | bStep | cStep) === 0
      store<usize>(out, isOne ? 0 : 16, 4)
      run(
        load<i32>(at),
        load<usize>(out),
        load<usize>(a),
        aStep,
        load<usize>(b),
        bStep,
        load<usize>(c),
        cStep,
        isOne ? 16 : bytes,
      )
    }
    for (let k = 0; k < results; k++) {
      const at = resultsAt + <usize>k * 12
      const entry = table + <usize>load<i32>(at) * ENTRY
      const step = load<usize>(entry, 4)
      const source = load<usize>(entry)
      const target = load<usize>(at, 4) + offset
      if (step !== 0 && source === target) continue
      if (step !== 0) {
        memory.copy(target, source, (<usize>here) << 2)
        continue
      }
      for (let i = 0; i < here; i += 4) storeSome(target + ((<usize>i) << 2), loadSome(source, 4), here - i)
    }
  }
}
