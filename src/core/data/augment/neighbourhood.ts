/**
 * Color and sharpness: blends with an image that is made of the image, pixel by pixel.
 * Source: FACTS §7.
 */
import { blend } from './blend'
import type { ImageShape } from './image'

const { fround } = Math

const RED = fround(0.2989)
const GREEN = fround(0.587)
const BLUE = fround(0.114)
const BYTE = fround(1 / 255)

/** The grey of a colour as the reference has it: float32, scaled to [0, 1], weighted, times 255.5, fraction dropped. */
export function greyOf(red: number, green: number, blue: number): number {
  const sum = fround(fround(fround(red * BYTE) * RED) + fround(fround(green * BYTE) * GREEN))
  const grey = fround(sum + fround(fround(blue * BYTE) * BLUE))
  return Math.trunc(fround(grey * 255.5))
}

/**
 * Between grey (factor 0) and the image (1). An image of one channel is its own grey: it stays as it is.
 * @param out may be the image itself
 */
export function color(image: Uint8Array, { channels }: ImageShape, factor: number, out: Uint8Array): void {
  if (channels !== 3 || factor === 1) {
    if (out !== image) out.set(image)
    return
  }
  for (let i = 0; i < image.length; i += 3) {
    const grey = greyOf(image[i], image[i + 1], image[i + 2])
    for (let c = i; c < i + 3; c++) out[c] = blend(grey, image[c], factor)
  }
}

const EDGE = fround(1 / 13)
const CENTRE = fround(5 / 13)

/**
 * Between smoothed (factor 0: 1 1 1, 1 5 1, 1 1 1 over 13, fraction dropped) and the image (1). The reference sums with
 * fused multiply-adds, row by row: found by trying, and then equal to its goldens in every pixel. Pixels at the border have no whole neighbourhood: they stay as they are.
 * @param out the same shape; not the same memory
 */
export function sharpness(
  image: Uint8Array,
  { height, width, channels }: ImageShape,
  factor: number,
  out: Uint8Array,
): void {
  out.set(image)
  if (factor === 1) return
  const row = width * channels
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * row - channels
    for (let i = y * row + channels; i < end; i++) {
      // A product of a byte and a float32 is exact in double precision, so each line is one fused multiply-add.
      let sum = fround(image[i - row - channels] * EDGE)
      sum = fround(sum + image[i - row] * EDGE)
      sum = fround(sum + image[i - row + channels] * EDGE)
      sum = fround(sum + image[i - channels] * EDGE)
      sum = fround(sum + image[i] * CENTRE)
      sum = fround(sum + image[i + channels] * EDGE)
      sum = fround(sum + image[i + row - channels] * EDGE)
      sum = fround(sum + image[i + row] * EDGE)
      sum = fround(sum + image[i + row + channels] * EDGE)
      const smooth = Math.trunc(sum > 255 ? 255 : sum)
      out[i] = blend(smooth, image[i], factor)
    }
  }
}
