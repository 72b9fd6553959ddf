/** The roundings that the device does by hand, at every value there is. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { onWebGpu } from '../../../engine/gpu.testing'
import { difference } from './deviceOps.testing'
import { sizeOf } from './image'
import { OpEncoder } from './opEncoder'
import type { PlannedOp } from './ops'

onWebGpu()

const COLOURS = { height: 32, width: 32, channels: 3 }
const GREYS = { height: 16, width: 16, channels: 1 }
const PER_BATCH = 512

/** All images under one operation, some hundreds at a time. */
async function firstDifference(
  count: number,
  shape: typeof COLOURS,
  op: PlannedOp,
  imageOf: (i: number) => Uint8Array,
): Promise<string | undefined> {
  const encoder = new OpEncoder(shape)
  for (let first = 0; first < count; first += PER_BATCH) {
    const images = Array.from({ length: Math.min(PER_BATCH, count - first) }, (_, i) => imageOf(first + i))
    const plans = images.map(() => [op])
    const found = await difference(images, plans, shape, encoder)
    if (found) return `from image ${first} on, ${found}`
  }
  return undefined
}

it('the grey of every colour', async () => {
  const pixels = 32 * 32
  const imageOf = (i: number) => {
    const image = new Uint8Array(sizeOf(COLOURS))
    for (let p = 0; p < pixels; p++) {
      const colour = i * pixels + p
      image.set([colour >> 16, (colour >> 8) & 255, colour & 255], 3 * p)
    }
    return image
  }
  expect(
    await firstDifference(2 ** 24 / pixels, COLOURS, { name: 'Color', value: 0 }, imageOf),
  ).toBeUndefined()
})

it('every value between every darkest and every brightest', async () => {
  const imageOf = (i: number) => {
    const [low, high] = [Math.min(i >> 8, i & 255), Math.max(i >> 8, i & 255)]
    return Uint8Array.from({ length: 256 }, (_, x) => Math.min(high, Math.max(low, x)))
  }
  expect(await firstDifference(2 ** 16, GREYS, { name: 'AutoContrast', value: 0 }, imageOf)).toBeUndefined()
})

it('smoothed noise of every range, a million values', async () => {
  const random = randomStream(9, 'init')
  const imageOf = (i: number) => {
    const range = 1 + (i & 255)
    const base = random.int(257 - range)
    return Uint8Array.from({ length: sizeOf(COLOURS) }, () => base + random.int(range))
  }
  expect(await firstDifference(512, COLOURS, { name: 'Sharpness', value: 0 }, imageOf)).toBeUndefined()
})
