/** 32 bits well mixed, by integers alone: MurmurHash3's finaliser. A kernel that does the same takes its constants. */
export const MIX = { first: 0x85ebca6b, second: 0xc2b2ae35 }

/** @param other a second word to go in, in the middle */
export function mix(x: number, other = 0): number {
  let h = Math.imul(x ^ (x >>> 16), MIX.first)
  h = Math.imul(h ^ (h >>> 13) ^ other, MIX.second)
  return h ^ (h >>> 16)
}
