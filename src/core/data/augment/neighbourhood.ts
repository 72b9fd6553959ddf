/**
 * Color and sharpness: blends with an image that is made of the image, pixel by pixel.
 * Source: the reference's autoaugment/autoaugment.py.
 */
import { blending } from './blend'
import type { ImageShape } from './image'

const { fround } = Math

const BYTE = fround(1 / 255)

/** Of every uint8 value, its part of a pixel's grey. */
const weighted = (weight: number) =>
  Float32Array.from({ length: 256 }, (_, x) => fround(fround(x * BYTE) * fround(weight)))
/** [channel][value]: what red, green and blue add to a grey. */
const [RED, GREEN, BLUE] = [weighted(0.2989), weighted(0.587), weighted(0.114)]

/** The grey of a colour as the reference has it: float32, scaled to [0, 1], weighted, times 255.5, fraction dropped. */
function greyOf(red: number, green: number, blue: number): number {
  return fround(fround(fround(RED[red] + GREEN[green]) + BLUE[blue]) * 255.5) | 0
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
  const blend = blending(factor)
  for (let i = 0; i < image.length; i += 3) {
    const red = image[i]
    const green = image[i + 1]
    const blue = image[i + 2]
    const grey = greyOf(red, green, blue)
    out[i] = blend(grey, red)
    out[i + 1] = blend(grey, green)
    out[i + 2] = blend(grey, blue)
  }
}

/** Weights of the smoothed image. */
const EDGE = fround(1 / 13)
const CENTRE = fround(5 / 13)

/** ⌊sum/13⌋ of every sum of a neighbourhood; 0 where it has no remainder and float32 roundings decide. */
const SMOOTHED = Uint8Array.from({ length: 13 * 255 + 1 }, (_, sum) => (sum % 13 === 0 ? 0 : sum / 13))

/**
 * Between smoothed (factor 0: 1 1 1, 1 5 1, 1 1 1 over 13, fraction dropped) and the image (1). Pixels at the border have
 * no whole neighbourhood: they stay as they are.
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
  const blend = blending(factor)
  const row = width * channels
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * row - channels
    for (let i = y * row + channels; i < end; i++) {
      const above = image[i - row - channels] + image[i - row] + image[i - row + channels]
      const beside = image[i - channels] + 5 * image[i] + image[i + channels]
      const below = image[i + row - channels] + image[i + row] + image[i + row + channels]
      const sum = above + beside + below
      const smooth = SMOOTHED[sum] || roundedMean(image, i, row, channels)
      out[i] = blend(smooth, image[i])
    }
  }
}

/**
 * The smoothed value as the reference's float32 sum has it. Only where the true one is a whole number can the roundings
 * move it below. The reference sums with fused multiply-adds, row by row: found by trying, and then equal to its
 * goldens in every pixel. A product of a byte and a float32 is exact in double precision, so each line is one of them.
 */
function roundedMean(image: Uint8Array, i: number, row: number, channels: number): number {
  let sum = fround(image[i - row - channels] * EDGE)
  sum = fround(sum + image[i - row] * EDGE)
  sum = fround(sum + image[i - row + channels] * EDGE)
  sum = fround(sum + image[i - channels] * EDGE)
  sum = fround(sum + image[i] * CENTRE)
  sum = fround(sum + image[i + channels] * EDGE)
  sum = fround(sum + image[i + row - channels] * EDGE)
  sum = fround(sum + image[i + row] * EDGE)
  sum = fround(sum + image[i + row + channels] * EDGE)
  return Math.trunc(sum > 255 ? 255 : sum)
}
