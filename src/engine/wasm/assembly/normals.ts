/** Standard normal values: two signed windows of a table a block, as ops/normals/normals.ts tells. */
import { loadSome, storeSome, sumOf } from './simd'
import { SQUARES } from './sums'

const BLOCK = 1024

/**
 * Unit: as many as `squares` (sums.ts) takes, whose sums of squares, to the bit, are told besides.
 * Parameters: out, count, pointers to the key and the table, the hash's constants, √½, sums.
 */
export function normals(p: usize, from: i32, to: i32): void {
  const out = load<usize>(p),
    count = load<i32>(p, 4),
    key = <u32>load<f32>(load<usize>(p, 8)),
    table = load<usize>(p, 12),
    step = load<i32>(p, 16),
    sums = load<usize>(p, 36)
  const first = mixed(p, key, 0)
  const second = mixed(p, key ^ load<i32>(p, 20), 0)
  const scale = v128.load_splat<f32>(p, 32)
  for (let unit = from; unit < to; unit++) {
    const end = min((unit + 1) * SQUARES, count)
    let s0 = f32x4.splat(0),
      s1 = f32x4.splat(0),
      s2 = f32x4.splat(0),
      s3 = f32x4.splat(0)
    for (let at = unit * SQUARES; at < end; at += BLOCK) {
      const block = at / BLOCK
      const a = mixed(p, first + (2 * block + 1) * step, second)
      const b = mixed(p, first + (2 * block + 2) * step, second)
      // The sign of a float is its highest bit.
      const signA = i32x4.splat(a << 31),
        signB = i32x4.splat(b << 31)
      let fromA = table + ((a >>> 16) << 2),
        fromB = table + ((b >>> 16) << 2)
      let to = out + ((<usize>at) << 2)
      let left = min(BLOCK, end - at)
      for (; left >= 16; left -= 16, fromA += 64, fromB += 64, to += 64) {
        let x = summed(fromA, fromB, signA, signB, scale)
        v128.store(to, x)
        s0 = f32x4.add(s0, f32x4.mul(x, x))
        x = summed(fromA + 16, fromB + 16, signA, signB, scale)
        v128.store(to, x, 16)
        s1 = f32x4.add(s1, f32x4.mul(x, x))
        x = summed(fromA + 32, fromB + 32, signA, signB, scale)
        v128.store(to, x, 32)
        s2 = f32x4.add(s2, f32x4.mul(x, x))
        x = summed(fromA + 48, fromB + 48, signA, signB, scale)
        v128.store(to, x, 48)
        s3 = f32x4.add(s3, f32x4.mul(x, x))
      }
      for (; left > 0; left -= 4, fromA += 16, fromB += 16, to += 16) {
        storeSome(to, summed(fromA, fromB, signA, signB, scale), left)
        const x = loadSome(to, left)
        s0 = f32x4.add(s0, f32x4.mul(x, x))
      }
    }
    store<f64>(sums + ((<usize>unit) << 3), <f64>sumOf(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))))
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
