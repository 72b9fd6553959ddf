/**
 * Augmentation of a whole normalised batch: cutout and mixup, in float32 as the reference has them.
 * Source: DeVries and Taylor 2017 (cutout), Zhang et al. 2018 (mixup); sam_jax/datasets/augmentation.py.
 */
import { type Centre, type Rectangle, squareAround } from './erase'
import type { ImageShape } from './image'

const { fround } = Math

/** What cutout zeroes: an odd length counts one less. */
export function cutoutSquare(length: number, centre: Centre, shape: ImageShape): Rectangle {
  return squareAround(centre, Math.floor(length / 2), shape)
}

/**
 * Zeroes one square, the same in every image: 0 is the mean.
 * @param images [count, height, width, channels], changed in place
 */
export function cutout(images: Float32Array, shape: ImageShape, length: number, centre: Centre): void {
  const { rows, columns } = cutoutSquare(length, centre, shape)
  const [left, right] = columns
  if (right <= left) return
  const { height, width, channels } = shape
  const size = height * width * channels
  for (let first = 0; first < images.length; first += size) {
    for (let y = rows[0]; y < rows[1]; y++) {
      const line = first + y * width * channels
      images.fill(0, line + left * channels, line + right * channels)
    }
  }
}

/** [of a row itself, of the other one] in float32: the larger of `share` and 1 − `share` is the row's own. */
export function mixupShares(share: number): [own: number, other: number] {
  const drawn = fround(share)
  const own = Math.max(drawn, fround(1 - drawn))
  return [own, fround(1 - own)]
}

/**
 * Row i becomes share·row i + (1 − share)·row count − 1 − i, with the larger of `share` and 1 − `share` for the row
 * itself. Images and labels alike.
 * @param rows [count, …], changed in place
 * @param share in [0, 1], the same for the whole batch
 */
export function mixup(rows: Float32Array, count: number, share: number): void {
  const [own, other] = mixupShares(share)
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
