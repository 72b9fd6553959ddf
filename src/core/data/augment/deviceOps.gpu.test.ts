/** Image operations on the device have the bits of the host's. */
import { describe, expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../base/random'
import { onWebGpu } from '../../../engine/gpu.testing'
import { augmentsImages, canAugmentImages } from '../../../engine/ops/augmentImages/augmentImages'
import { difference } from './deviceOps.testing'
import type { ImageShape } from './image'
import { OpEncoder } from './opEncoder'
import { everyOp, KINDS, testImage } from './opImages.testing'
import { AUTOAUGMENT_LIMITS, type PixelLimits, type PlannedOp, RANDAUGMENT_LIMITS } from './ops'
import { planAutoAugment, planRandAugment } from './plan'
import { POLICIES, type PolicyName } from './policies'

onWebGpu()

const CIFAR: ImageShape = { height: 32, width: 32, channels: 3 }
/** Level 10 at 32 pixels: translations that leave something. */
const SCALED: PixelLimits = { translate: 10, cutout: 10 }

const SHAPES: readonly ImageShape[] = [
  CIFAR,
  { height: 28, width: 28, channels: 1 },
  { height: 31, width: 17, channels: 3 },
  { height: 5, width: 35, channels: 1 },
  { height: 1, width: 1, channels: 3 },
  { height: 2, width: 9, channels: 3 },
]

const nameOf = ({ height, width, channels }: ImageShape) => `${height} × ${width} × ${channels}`

function images(count: number, shape: ImageShape, random: RandomStream): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => testImage(KINDS[i % KINDS.length], shape, random))
}

describe('every operation at its levels', () => {
  const levels = [0, 0.7, 1, 2, 3, 4, 5, 5.5, 6, 7, 8, 9, 10, 14, 30]

  it.each(SHAPES.map((shape) => [nameOf(shape), shape] as const))('%s', async (_, shape) => {
    expect(canAugmentImages(shape)).toBe(true)
    const random = randomStream(17, 'init')
    const ops = everyOp(levels, RANDAUGMENT_LIMITS, shape, random)
    const scaled = everyOp(levels, SCALED, shape, random).filter(({ name }) => /Translate|Cutout/.test(name))
    // What is made of an image depends on the whole of it.
    const looks = ops.filter(({ name }) => ['AutoContrast', 'Equalize', 'Color', 'Sharpness'].includes(name))
    const plans = [...looks.flatMap((op) => KINDS.map(() => [op])), ...[...ops, ...scaled].map((op) => [op])]
    expect(await difference(images(plans.length, shape, random), plans, shape)).toBeUndefined()
  })
})

describe('whole policies', () => {
  const draws = (random: RandomStream) => ({
    int: (n: number) => random.int(n),
    unit: () => random.int(2 ** 23) / 2 ** 23,
  })

  it.each(Object.keys(POLICIES) as PolicyName[])('%s, 1,000 images', async (name) => {
    const random = randomStream(3, 'policy')
    const encoder = new OpEncoder(CIFAR)
    for (const limits of [AUTOAUGMENT_LIMITS, SCALED]) {
      const shown = images(500, CIFAR, random)
      const plans = shown.map(() => planAutoAugment(POLICIES[name], limits, CIFAR, draws(random)))
      expect(await difference(shown, plans, CIFAR, encoder)).toBeUndefined()
    }
  })

  it.each([1, 2, 3, 5])('RandAugment of %i layers', async (layers) => {
    const random = randomStream(layers, 'policy')
    for (const shape of [CIFAR, SHAPES[1]]) {
      const shown = images(155, shape, random)
      const plans = shown.map((_, i) => planRandAugment(layers, i % 31, SCALED, shape, draws(random)))
      expect(await difference(shown, plans, shape)).toBeUndefined()
    }
  })
})

it('images without operations stay as they are', async () => {
  const random = randomStream(5, 'init')
  const shown = images(8, CIFAR, random)
  const plans = shown.map((_, i): PlannedOp[] => (i % 2 ? [{ name: 'Invert', value: 0 }] : []))
  expect(await difference(shown, plans, CIFAR)).toBeUndefined()
  const none = shown.map(() => [])
  expect(await difference(shown, none, CIFAR)).toBeUndefined()
})

it('leaves to the host what has no room, and colours that are neither one nor three', () => {
  expect(canAugmentImages({ height: 224, width: 224, channels: 3 })).toBe(false)
  expect(canAugmentImages({ height: 2, width: 300, channels: 3 })).toBe(false)
  expect(canAugmentImages({ height: 32, width: 32, channels: 4 })).toBe(false)
  expect(augmentsImages(CIFAR, 'host')).toBe(false)
  expect(augmentsImages(CIFAR, 'device')).toBe(true)
})
