/**
 * Places in one stretch of memory for blocks that are needed for a while each: two may overlap if their times do not, or
 * if the one is made of the other in place. The largest are placed first, each as low as it fits.
 * Source: Pisarchyk & Lee 2020, Efficient memory management for deep neural net inference (greedy by size).
 */

import type { InPlace } from './listing'

/** Blocks begin on cache lines. */
const LINE = 64

interface Placed {
  block: number
  from: number
  to: number
  /** Bytes. */
  at: number
  end: number
}

/** The blocks that a command names. */
export interface Use {
  blocks: readonly number[]
  inPlace?: InPlace
}

/**
 * @param uses in the commands' order
 * @param sizes bytes of every block
 */
export function layOut(
  uses: readonly Use[],
  sizes: readonly number[],
): { offsets: Map<number, number>; bytes: number } {
  const times = new Map<number, { from: number; to: number }>()
  for (const [i, { blocks }] of uses.entries()) {
    for (const block of blocks) {
      const known = times.get(block)
      if (known) known.to = i
      else times.set(block, { from: i, to: i })
    }
  }
  /** The block in whose place another lies, from the time on at which nobody needs it any more. */
  const inPlaceOf = new Map<number, number>()
  for (const [i, { inPlace }] of uses.entries()) {
    if (!inPlace) continue
    const { reads, makes } = inPlace
    const made = times.get(makes)
    const isFree = (block: number) => times.get(block)?.to === i && sizes[block] === sizes[makes]
    const place = reads.map((block) => inPlaceOf.get(block) ?? block).find(isFree)
    if (made?.from !== i || place === undefined) continue
    inPlaceOf.set(makes, place)
    times.get(place)!.to = made.to
    times.delete(makes)
  }
  const wanted = [...times].map(([block, time]) => {
    const size = Math.max(LINE, LINE * Math.ceil(sizes[block] / LINE))
    return { block, ...time, size }
  })
  wanted.sort((a, b) => b.size - a.size || a.from - b.from)
  // By their place.
  const placed: Placed[] = []
  for (const { size, ...block } of wanted) {
    let at = 0
    for (const other of placed) {
      if (other.from > block.to || other.to < block.from) continue
      if (other.at >= at + size) break
      at = Math.max(at, other.end)
    }
    const next = placed.findIndex((other) => other.at > at)
    placed.splice(next < 0 ? placed.length : next, 0, { ...block, at, end: at + size })
  }
  const offsets = new Map(placed.map(({ block, at }) => [block, at]))
  for (const [block, place] of inPlaceOf) offsets.set(block, offsets.get(place)!)
  return {
    offsets,
    bytes: placed.reduce((most, { end }) => Math.max(most, end), 0),
  }
}
