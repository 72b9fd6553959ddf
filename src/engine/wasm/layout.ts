/**
 * Places in one stretch of memory for blocks that are needed for a while each: two may overlap if their times do not.
 * The largest are placed first, each as low as it fits.
 * Source: Pisarchyk & Lee 2020, Efficient memory management for deep neural net inference (greedy by size).
 */

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

/**
 * @param uses the blocks that each command names, in the commands' order
 * @param sizes bytes of every block
 */
export function layOut(
  uses: readonly (readonly number[])[],
  sizes: readonly number[],
): { offsets: Map<number, number>; bytes: number } {
  const times = new Map<number, { from: number; to: number }>()
  for (const [i, blocks] of uses.entries()) {
    for (const block of blocks) {
      const known = times.get(block)
      if (known) known.to = i
      else times.set(block, { from: i, to: i })
    }
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
  return {
    offsets: new Map(placed.map(({ block, at }) => [block, at])),
    bytes: placed.reduce((most, { end }) => Math.max(most, end), 0),
  }
}
