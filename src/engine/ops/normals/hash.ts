/** 32 bits from a key and a place. */
import { MIX, mix } from '../../../base/mix'

/** Odd constants; `other` makes the second half of the key. */
export const HASH = { step: 0x9e3779b1, other: 0x7feb352d, ...MIX }

export interface Mixed {
  first: number
  second: number
}

export const mixed = (key: number): Mixed => ({ first: mix(key), second: mix(key ^ HASH.other) })

export const hash = ({ first, second }: Mixed, i: number): number =>
  mix((first + Math.imul(i + 1, HASH.step)) | 0, second)
