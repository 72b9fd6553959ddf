/**
 * One rule for every container: what packed bytes may come to, by what should be in them. It is held while they are
 * unpacked, or against what their directory claims, so that a bomb costs little more than its own size.
 */
import { BasinError, type ErrorCode } from '../../base/errors'

export interface Growth {
  /** Times the packed bytes. */
  times: number
  /** What breaks the rule is none of them. */
  expected: string
  code: ErrorCode
}

/** Noise, most of them; zeros of an optimizer shrink to nothing. */
export const WEIGHTS: Growth = { times: 8, expected: 'weight file', code: 'file-format' }
/** Raw pixels and labels pack well where they are of one colour, but never nearly so well. */
export const IMAGES: Growth = { times: 200, expected: 'data set', code: 'data-damaged' }

/** Small files may be anything. */
const FREE = 64 * 2 ** 20

export const mostUnpacked = ({ times }: Growth, packed: number): number => FREE + times * packed

/** @throws BasinError naming the container when these are more bytes than it may come to */
export function checkGrowth(growth: Growth, name: string, packed: number, unpacked: number): void {
  if (unpacked <= mostUnpacked(growth, packed)) return
  throw new BasinError(
    growth.code,
    `${name}: unpacks to at most ${growth.times} times its size, got more`,
    `This is no ${growth.expected}. Nothing of it was kept.`,
  )
}
