/** What the kinds of augmentation goldens share: operations one after the other, byte for byte. */
import { PAD } from '../../../src/core/data/augment/basic'
import type { ImageShape } from '../../../src/core/data/augment/image'
import { applyOp, type PlannedOp } from '../../../src/core/data/augment/ops'
import {
  decodeImages,
  decodesImages,
  type EncodedImages,
} from '../../../src/engine/ops/decodeImages/decodeImages'
import type { GoldenTensor, Tensors } from '../../golden'
import type { Checks } from '../checks'
import { needTensor } from '../vectors'

export const bytesOf = ({ data }: GoldenTensor): Uint8Array => Uint8Array.from(data)

/** [height, width] or [height, width, channels] */
export function shapeOf({ shape }: GoldenTensor): ImageShape {
  const [height, width, channels = 1] = shape.slice(-3)
  return { height, width, channels }
}

/** The image after all of `ops`, in order. */
export function afterOps(image: GoldenTensor, ops: readonly PlannedOp[]): Uint8Array {
  const shape = shapeOf(image)
  return ops.reduce((pixels, op) => {
    const out = new Uint8Array(pixels.length)
    applyOp(op, pixels, shape, out)
    return out
  }, bytesOf(image))
}

/**
 * One image as the device flips, shifts, normalises and cuts it; undefined where the running backend does not.
 * @param table absent: every value stays
 */
export async function decodedOnDevice(
  encoded: Omit<EncodedImages, 'table' | 'pad'> & Partial<EncodedImages>,
  { height, width, channels }: ImageShape,
): Promise<Float32Array | undefined> {
  if (!decodesImages()) return undefined
  const table = Float32Array.from({ length: 256 * channels }, (_, i) => i % 256)
  const tensor = decodeImages({ pad: PAD, table, ...encoded }, [1, height, width, channels])
  const values = await tensor.data()
  tensor.dispose()
  return values as Float32Array
}

export function comparePixels(checks: Checks, key: string, ours: Uint8Array, tensors: Tensors): void {
  checks.compare(key, ours, needTensor(tensors, key).data, 0)
}
