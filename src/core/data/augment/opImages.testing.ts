/** Images on which operations are compared: noise, pictures with structure, and the degenerate ones. */
import type { RandomStream } from '../../../base/random'
import { type ImageShape, sizeOf } from './image'
import { isGeometric, OP_NAMES, opValue, type PixelLimits, type PlannedOp } from './ops'

export const KINDS = ['noise', 'constant', 'black', 'white', 'ramp', 'twoValues', 'narrow', 'blocks'] as const

export function testImage(
  kind: (typeof KINDS)[number],
  shape: ImageShape,
  random: RandomStream,
): Uint8Array<ArrayBuffer> {
  const { width, channels } = shape
  const image = new Uint8Array(sizeOf(shape))
  const [base, other] = [random.int(256), random.int(256)]
  for (let i = 0; i < image.length; i++) {
    const pixel = Math.floor(i / channels)
    const [y, x] = [Math.floor(pixel / width), pixel % width]
    const c = i % channels
    if (kind === 'noise') image[i] = random.int(256)
    else if (kind === 'constant') image[i] = (base + 40 * c) & 255
    else if (kind === 'black') image[i] = 0
    else if (kind === 'white') image[i] = 255
    else if (kind === 'ramp') image[i] = (base + 5 * x + 3 * y + 60 * c) & 255
    else if (kind === 'twoValues') image[i] = random.int(7) === 0 ? base : other
    else if (kind === 'narrow') image[i] = Math.min(255, base + random.int(3 + 20 * c))
    else image[i] = ((base + 13 * (y >> 2)) ^ (other + 29 * (x >> 2) + 50 * c)) & 255
  }
  return image
}

/** Every operation at every level, with both signs where it has one. */
export function everyOp(
  levels: readonly number[],
  limits: PixelLimits,
  { height, width }: ImageShape,
  random: RandomStream,
): PlannedOp[] {
  return OP_NAMES.flatMap((name) =>
    levels.flatMap((level) => {
      const value = opValue(name, level, limits)
      if (isGeometric(name)) return [value, -value].map((signed) => ({ name, value: signed }))
      const row = random.int(height)
      return [{ name, value, centre: { row, column: random.int(width) } }]
    }),
  )
}
