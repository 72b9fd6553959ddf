/** 32 bits from a key and a place. Source: the mixing is MurmurHash3's finaliser. */

/** Odd constants; `other` makes the second half of the key. */
export const HASH = { step: 0x9e3779b1, other: 0x7feb352d, first: 0x85ebca6b, second: 0xc2b2ae35 }

export interface Mixed {
  first: number
  second: number
}

export const mixed = (key: number): Mixed => ({ first: mix(key | 0, 0), second: mix(key ^ HASH.other, 0) })

export const hash = ({ first, second }: Mixed, i: number): number =>
  mix((first + Math.imul(i + 1, HASH.step)) | 0, second)

function mix(x: number, second: number): number {
  let h = Math.imul(x ^ (x >>> 16), HASH.first)
  h = Math.imul(h ^ (h >>> 13) ^ second, HASH.second)
  return h ^ (h >>> 16)
}
