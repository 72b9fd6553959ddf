/**
 * What a device is told to do to the images of a batch: a few numbers an image, and tables that many images share.
 * Whoever draws the operations writes it (core/data/augment/opEncoder.ts); webgpu.ts carries it out.
 */

/** One operation is two words: its code, with where its table begins above bit 8; then its argument. */
export const WORDS_PER_OP = 2

export const OP_CODES = {
  none: 0,
  /** Table: the new value of every value, four in a word. */
  lookup: 1,
  /** Table: for every pixel the one that comes there, two in a word; NOWHERE is grey. */
  move: 2,
  /** Argument: first row, row after the last, first column, column after the last, a byte each; becomes grey. */
  erase: 3,
  /** Each channel spread from its darkest to 0 and its brightest to 255. */
  autoContrast: 4,
  /** Each channel's histogram flattened. */
  equalize: 5,
  /** Between grey and the image, by a table of blends; three channels only. */
  color: 6,
  /** Between smoothed and the image, by a table of blends. */
  sharpness: 7,
} as const

export const NOWHERE = 0xffff

/**
 * Entry v − d + 255 of a table of blends holds, for degenerate value d and original v, what is added to d before the
 * fraction is dropped (signed, upper half), and the sum from which on the fraction was rounded up to 1 (lower half).
 */
export const BLEND_ENTRIES = 511

/** Words at the beginning of `tables`, the same for every program. */
export const HEADER = {
  /** [3][256] bits of a float: what red, green and blue add to a grey. */
  greyParts: 0,
  /** [256] at r: 255/r as a float32, 24 bits of mantissa and above them by how many places it lies behind the point. */
  stretch: 768,
  /** Mantissas of the smoothed image's weights: of a neighbour in units of 2^−27, of the pixel itself of 2^−25. */
  edge: 1024,
  centre: 1025,
  size: 1028,
} as const

export interface AugmentProgram {
  /** Operations of every image; those it lacks are `none`. */
  layers: number
  /** [N · layers · WORDS_PER_OP] */
  ops: Int32Array
  /** The header, then the tables. */
  tables: Int32Array
}
