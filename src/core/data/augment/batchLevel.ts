/**
 * Augmentation of a whole normalised batch: cutout and mixup, in float32 as the reference has them.
 * Source: DeVries and Taylor 2017 (cutout), Zhang et al. 2018 (mixup); FACTS §7.
 */
import type { Centre } from './erase'
import type { ImageShape } from './image'

const { fround } = Math

/**
 * Zeroes one square, the same in every image: 0 is the mean. Rows from row − ⌊length/2⌋ to row + ⌊length/2⌋ − 1 and the
 * same columns as far as they exist, so an odd length counts one less.
 * @param images [count, height, width, channels], changed in place
 */
export function cutout(
  images: Float32Array,
  { height, width, channels }: ImageShape,
  length: number,
  { row, column }: Centre,
): void {
  const half = Math.floor(length / 2)
  const left = Math.max(0, column - half)
  const right = Math.min(width, column + half)
  if (right <= left) return
  const size = height * width * channels
  for (let first = 0; first < images.length; first += size) {
    for (let y = Math.max(0, row - half); y < Math.min(height, row + half); y++) {
      const line = first + y * width * channels
      images.fill(0, line + left * channels, line + right * channels)
    }
  }
}

/**
 * Row i becomes share·row i + (1 − share)·row count − 1 − i, with the larger of `share` and 1 − `share` for the row
 * itself. Images and labels alike.
 * @param rows [count, …], changed in place
 * @param share in [0, 1], the same for the whole batch
 */
export function mixup(rows: Float32Array, count: number, share: number): void {
  const drawn = fround(share)
  const own = Math.max(drawn, fround(1 - drawn))
  const other = fround(1 - own)
  const size = rows.length / count
  for (let i = 0, j = count - 1; i <= j; i++, j--) {
    for (let k = 0; k < size; k++) {
      const a = rows[i * size + k]
      const b = rows[j * size + k]
      rows[i * size + k] = fround(fround(a * own) + fround(b * other))
      rows[j * size + k] = fround(fround(b * own) + fround(a * other))
    }
  }
}
