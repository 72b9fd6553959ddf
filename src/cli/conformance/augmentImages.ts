/** What the kinds of augmentation goldens share: images by name, operations one after the other, byte for byte. */
import type { ImageShape } from '../../core/data/augment/image'
import { applyOp, type PlannedOp } from '../../core/data/augment/ops'
import { type Checks, Unsupported } from './checks'
import { type Fields, type Golden, type GoldenTensor, isFields, type Tensors } from './golden'

export function recordsOf({ json }: Golden): Fields[] {
  const records = isFields(json) ? json.records : json
  return Array.isArray(records) ? records.filter(isFields) : []
}

export function needTensor(tensors: Tensors, name: string): GoldenTensor {
  const tensor = tensors.get(name)
  if (!tensor) throw new Unsupported(`tensor ${name} is missing`)
  return tensor
}

/** The image a record speaks of: `image<n>`, or the only image there is. */
export function imageOf(tensors: Tensors, { image }: Fields): GoldenTensor {
  if (image !== undefined && image !== null) return needTensor(tensors, `image${image}`)
  const names = [...tensors.keys()].filter((name) => /^image\d*$/.test(name))
  if (names.length !== 1) throw new Unsupported(`which image: one expected, got ${names.length}`)
  return needTensor(tensors, names[0])
}

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

export function comparePixels(checks: Checks, key: string, ours: Uint8Array, tensors: Tensors): void {
  checks.compare(key, ours, needTensor(tensors, key).data, 0)
}
