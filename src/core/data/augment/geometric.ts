/**
 * Rotation, shear and translation: each pixel of the result is looked up in the image at
 *     x' = a0·x + a1·y + a2,   y' = b0·x + b1·y + b2
 * in float32, rounded half away from zero. The reference carries a channel of ones along and paints what has a zero
 * there; that is exactly the pixels that fall outside.
 * Source: FACTS §7 (the geometric operations of the reference's AutoAugment).
 */
import { GREY, type ImageShape } from './image'

/** [a0, a1, a2, b0, b1, b2] */
export type Affine = readonly [number, number, number, number, number, number]

const { fround } = Math

/** @param x pixels by which the image's content moves to the left */
export const translateX = (x: number): Affine => [1, 0, fround(x), 0, 1, 0]

/** @param y pixels by which the image's content moves up */
export const translateY = (y: number): Affine => [1, 0, 0, 0, 1, fround(y)]

export const shearX = (slope: number): Affine => [1, fround(slope), 0, 0, 1, 0]

export const shearY = (slope: number): Affine => [1, 0, 0, fround(slope), 1, 0]

/** About the image's centre. */
export function rotation(degrees: number, { height, width }: ImageShape): Affine {
  const angle = fround(degrees * (Math.PI / 180))
  const cos = fround(Math.cos(angle))
  const sin = fround(Math.sin(angle))
  const w = width - 1
  const h = height - 1
  const turnedX = fround(fround(cos * w) - fround(sin * h))
  const turnedY = fround(fround(sin * w) + fround(cos * h))
  return [cos, -sin, fround(fround(w - turnedX) / 2), sin, cos, fround(fround(h - turnedY) / 2)]
}

/**
 * @param image [height, width, channels] uint8
 * @param out the same shape; not the same memory
 */
export function transform(
  image: Uint8Array,
  { height, width, channels }: ImageShape,
  [a0, a1, a2, b0, b1, b2]: Affine,
  out: Uint8Array,
): void {
  let at = 0
  for (let y = 0; y < height; y++) {
    const a1y = fround(a1 * y)
    const b1y = fround(b1 * y)
    for (let x = 0; x < width; x++) {
      const column = round(fround(fround(fround(a0 * x) + a1y) + a2))
      const row = round(fround(fround(fround(b0 * x) + b1y) + b2))
      if (column >= 0 && column < width && row >= 0 && row < height) {
        const from = (row * width + column) * channels
        for (let c = 0; c < channels; c++) out[at++] = image[from + c]
      } else {
        for (let c = 0; c < channels; c++) out[at++] = GREY
      }
    }
  }
}

/** Half away from zero. In double precision the half is added without another rounding. */
function round(x: number): number {
  return x < 0 ? Math.ceil(x - 0.5) : Math.floor(x + 0.5)
}
