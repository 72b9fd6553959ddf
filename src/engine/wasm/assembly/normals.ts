/** Standard normal values: two signed windows of a table a block, as ops/normals/normals.ts tells. */
import { storeSome } from './simd'

const BLOCK = 1024

/** Unit: a block. Parameters: out, count, pointers to the key and the table, the hash's constants, √½. */
export function normals(p: usize, from: i32, to: i32): void {
  const out = load<usize>(p),
    count = load<i32>(p, 4),
    key = <u32>load<f32>(load<usize>(p, 8)),
    table = load<usize>(p, 12),
    step = load<i32>(p, 16)
  const first = mixed(p, key, 0)
  const second = mixed(p, key ^ load<i32>(p, 20), 0)
  const scale = v128.load_splat<f32>(p, 32)
  for (let block = from; block < to; block++) {
    const a = mixed(p, first + (2 * block + 1) * step, second)
    const b = mixed(p, first + (2 * block + 2) * step, second)
    const fromA = table + ((a >>> 16) << 2),
      fromB = table + ((b >>> 16) << 2)
    // The sign of a float is its highest bit.
    const signA = i32x4.splat(a << 31),
      signB = i32x4.splat(b << 31)
    const at = out + ((<usize>block * BLOCK) << 2)
    const bytes = <usize>(min(BLOCK, count - block * BLOCK) << 2)
    const whole = bytes & ~31
    let i: usize = 0
    for (; i < whole; i += 32) {
      v128.store(at + i, summed(fromA + i, fromB + i, signA, signB, scale))
      v128.store(at + i, summed(fromA + i + 16, fromB + i + 16, signA, signB, scale), 16)
    }
    for (; i < bytes; i += 16) {
      storeSome(at + i, summed(fromA + i, fromB + i, signA, signB, scale), <i32>((bytes - i) >> 2))
    }
  }
}

function summed(a: usize, b: usize, signA: v128, signB: v128, scale: v128): v128 {
  const sum = f32x4.add(v128.xor(v128.load(a), signA), v128.xor(v128.load(b), signB))
  return f32x4.mul(sum, scale)
}

/** MurmurHash3's finaliser, with the second half of the key in its middle. */
function mixed(p: usize, x: u32, second: u32): u32 {
  let h = (x ^ (x >>> 16)) * load<u32>(p, 24)
  h = (h ^ (h >>> 13) ^ second) * load<u32>(p, 28)
  return h ^ (h >>> 16)
}
