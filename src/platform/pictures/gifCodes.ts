/**
 * The codes of a GIF's picture before omggif follows them: an entry of its table that names itself, or one that comes
 * later, leads round for ever. A code may name what is in the table, or the entry that is being made.
 * Source: GIF89a specification, appendix F.
 */

/** Of the palette's numbers. */
const LARGEST_SIZE = 8
const TABLE = 4096

/**
 * @param at where the picture's data begin, with the size of its smallest code
 * @throws Error when a code names no entry
 */
export function checkGifCodes(bytes: Uint8Array, at: number): void {
  const size = bytes[at]
  if (!(size <= LARGEST_SIZE)) throw new Error('a code size that no GIF has')
  const clear = 1 << size
  let entries = clear + 2
  let width = size + 1
  let isFirst = true
  for (const code of codes(bytes, at + 1, () => width)) {
    if (code === clear + 1) return
    if (code === clear) {
      entries = clear + 2
      width = size + 1
      isFirst = true
      continue
    }
    if (isFirst ? code > clear : code > entries) throw new Error('a code that names no entry')
    if (!isFirst && entries < TABLE && ++entries >= 1 << width && width < 12) width++
    isFirst = false
  }
}

/** Numbers of `width()` bits, lowest bits first, through the blocks that the data are cut into. */
function* codes(bytes: Uint8Array, at: number, width: () => number): Generator<number> {
  let bits = 0
  let held = 0
  let left = bytes[at++]
  while (left > 0 && at < bytes.length) {
    held |= bytes[at++] << bits
    bits += 8
    if (--left === 0) left = bytes[at++]
    while (bits >= width()) {
      const taken = width()
      yield held & ((1 << taken) - 1)
      held >>= taken
      bits -= taken
    }
  }
}
