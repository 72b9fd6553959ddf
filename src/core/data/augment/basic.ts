/**
 * `basic` augmentation on uint8 images: random horizontal flip, THEN reflect-padding by 4 pixels (the edge pixel is
 * not repeated), THEN a random crop of the original size. Padding and cropping are one gather: pixel (y, x) of the
 * result is pixel (y + offset − 4) reflected at the edges.
 * Source: sam_jax/datasets/augmentation.py; the goldens of kind `augment_batch` (docs/conformance.md).
 */
import type { RandomStream } from '../../../base/random'
import type { ImageShape } from './image'

export const PAD = 4

/** One image's draw: [flip (0 or 1), row offset, column offset], offsets in 0 … 2·PAD; PAD is no shift. */
export const DRAWS_PER_IMAGE = 3

/** [count · 3] the draws of `count` images, in order. */
export function drawBasic(random: RandomStream, count: number): Uint8Array {
  const draws = new Uint8Array(DRAWS_PER_IMAGE * count)
  for (let i = 0; i < draws.length; i += DRAWS_PER_IMAGE) {
    draws[i] = random.int(2)
    draws[i + 1] = random.int(2 * PAD + 1)
    draws[i + 2] = random.int(2 * PAD + 1)
  }
  return draws
}

/**
 * @param image [height, width, channels] uint8; larger than `pad` along both sides
 * @param out the same shape; not the same memory
 */
export function flipPadCrop(
  image: Uint8Array,
  { height, width, channels }: ImageShape,
  [flip, rowOffset, columnOffset]: Iterable<number>,
  out: Uint8Array,
  pad = PAD,
): void {
  const columns = new Int32Array(width)
  for (let x = 0; x < width; x++) {
    const column = reflect(x + columnOffset - pad, width)
    columns[x] = (flip ? width - 1 - column : column) * channels
  }
  let at = 0
  for (let y = 0; y < height; y++) {
    const row = reflect(y + rowOffset - pad, height) * width * channels
    for (let x = 0; x < width; x++) {
      const from = row + columns[x]
      out[at] = image[from]
      for (let c = 1; c < channels; c++) out[at + c] = image[from + c]
      at += channels
    }
  }
}

/** −1 → 1, length → length − 2: mirrored about the edge pixel itself. */
function reflect(i: number, length: number): number {
  if (i < 0) return -i
  return i < length ? i : 2 * (length - 1) - i
}
