/**
 * Rotation, shear and translation: each pixel of the result is looked up in the image at
 *     x' = a0·x + a1·y + a2,   y' = b0·x + b1·y + b2
 * in float32, rounded half away from zero. The reference carries a channel of ones along and paints what has a zero
 * there; that is exactly the pixels that fall outside.
 * Source: the reference's autoaugment/autoaugment.py.
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
  const right = width - 0.5
  const bottom = height - 0.5
  let at = 0
  for (let y = 0; y < height; y++) {
    const a1y = fround(a1 * y)
    const b1y = fround(b1 * y)
    for (let x = 0; x < width; x++) {
      const sourceX = fround(fround(fround(a0 * x) + a1y) + a2)
      const sourceY = fround(fround(fround(b0 * x) + b1y) + b2)
      // Rounded half away from zero, it is a pixel of the image: -0.5 itself would be -1. Doubles add the half exactly.
      const inside = sourceX > -0.5 && sourceY > -0.5 && sourceX < right && sourceY < bottom
      if (inside) {
        const from = (((sourceY + 0.5) | 0) * width + ((sourceX + 0.5) | 0)) * channels
        out[at] = image[from]
        for (let c = 1; c < channels; c++) out[at + c] = image[from + c]
      } else {
        out[at] = GREY
        for (let c = 1; c < channels; c++) out[at + c] = GREY
      }
      at += channels
    }
  }
}
