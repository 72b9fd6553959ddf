/** Image operations done on the device and on the host, and what differs. */

import { augmentImages } from '../../../engine/ops/augmentImages/augmentImages'
import { type ImageShape, sizeOf } from './image'
import { OpEncoder } from './opEncoder'
import { applyOp, type PlannedOp } from './ops'

function onHost(image: Uint8Array, plan: readonly PlannedOp[], shape: ImageShape): Uint8Array {
  return plan.reduce((pixels, op) => {
    const out = new Uint8Array(pixels.length)
    applyOp(op, pixels, shape, out)
    return out
  }, image)
}

async function onDevice(
  images: readonly Uint8Array[],
  plans: readonly (readonly PlannedOp[])[],
  shape: ImageShape,
  encoder = new OpEncoder(shape),
): Promise<Uint8Array[]> {
  const { height, width, channels } = shape
  const size = sizeOf(shape)
  const pixels = new Uint8Array(images.length * size)
  images.forEach((image, i) => {
    pixels.set(image, i * size)
  })
  const layers = Math.max(...plans.map((plan) => plan.length))
  const tensor = augmentImages(pixels, encoder.encode(plans, layers), [
    images.length,
    height,
    width,
    channels,
  ])
  const words = await tensor.data()
  tensor.dispose()
  return images.map((_, i) =>
    Uint8Array.from({ length: size }, (_, k) => {
      const word = words[i * height * width + Math.floor(k / channels)]
      return (word >> (8 * (k % channels))) & 255
    }),
  )
}

/** Does the operations on both. @returns what differs first, in words; undefined: nothing does */
export async function difference(
  images: readonly Uint8Array[],
  plans: readonly (readonly PlannedOp[])[],
  shape: ImageShape,
  encoder?: OpEncoder,
): Promise<string | undefined> {
  const got = await onDevice(images, plans, shape, encoder)
  for (let i = 0; i < images.length; i++) {
    const expected = onHost(images[i], plans[i], shape)
    const at = expected.findIndex((value, k) => value !== got[i][k])
    if (at < 0) continue
    const ops = plans[i].map(({ name, value }) => `${name} ${value}`).join(', ')
    return `image ${i} (${ops}) at ${at}: ${expected[at]} became ${got[i][at]}`
  }
  return undefined
}
