/**
 * Operations that replace every value of a channel by another one: a table of 256 entries per channel, then one pass.
 * Source: the reference's autoaugment/autoaugment.py, whose arithmetic it is, in float32 where it is not in integers.
 */
import { blending } from './blend'
import type { ImageShape } from './image'

/** The new value of every uint8 value. */
export type Lookup = Uint8Array

// A loop: a table is made anew for many an image.
function tableOf(newValue: (x: number) => number): Lookup {
  const table = new Uint8Array(256)
  for (let x = 0; x < 256; x++) table[x] = newValue(x)
  return table
}

const IDENTITY = tableOf((x) => x)

export const invert: Lookup = tableOf((x) => 255 - x)

/** @param bits 0 … 8, the top bits to keep. 0 keeps one: the reference's 8-bit shift stops at 7. */
export function posterize(bits: number): Lookup {
  // A shift is an unsigned byte: more than 8 bits would be a shift of 255 and more, which stops at 7 as well.
  const shift = Math.min(7, (8 - bits) & 255)
  return tableOf((x) => (x >> shift) << shift)
}

/** @param threshold values from here on are inverted. A byte: 256 is 0, which inverts everything. */
export function solarize(threshold: number): Lookup {
  const byte = threshold & 255
  return tableOf((x) => (x < byte ? x : 255 - x))
}

/** Adds to the values below 128. */
export function solarizeAdd(addition: number): Lookup {
  return tableOf((x) => (x < 128 ? Math.min(255, Math.max(0, x + addition)) : x))
}

/** @param factor 0 is black, 1 the image */
export function brightness(factor: number): Lookup {
  const blend = blending(factor)
  return tableOf((x) => blend(0, x))
}

/**
 * @param factor 0 is one grey, 1 the image. That grey is not the image's mean but a number of its size: the reference
 * sums the histogram, which is the number of pixels, and divides by 256 (4 for 32 × 32, 255 at most).
 */
export function contrast(factor: number, { height, width }: ImageShape): Lookup {
  const grey = Math.floor(Math.min(255, (height * width) / 256))
  const blend = blending(factor)
  return tableOf((x) => blend(grey, x))
}

/** Every value by one table. @param out may be the image itself */
export function applyLookup(image: Uint8Array, lookup: Lookup, out: Uint8Array): void {
  for (let i = 0; i < image.length; i++) out[i] = lookup[image[i]]
}

/** Channel c by the table of channel c; absent: unchanged. @param out may be the image itself */
export function applyLookups(
  image: Uint8Array,
  lookups: readonly (Lookup | undefined)[],
  out: Uint8Array,
): void {
  const channels = lookups.length
  if (lookups.every((lookup) => lookup === undefined)) {
    if (out !== image) out.set(image)
    return
  }
  for (let c = 0; c < channels; c++) {
    const lookup = lookups[c] ?? IDENTITY
    for (let i = c; i < image.length; i += channels) out[i] = lookup[image[i]]
  }
}
