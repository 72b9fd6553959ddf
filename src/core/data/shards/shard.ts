/**
 * A shard: `count` uint8 images in NHWC order, followed by `count` labels, uint8 up to 256 classes, else uint16
 * little-endian. Nothing else: what it holds is said by the manifest, and its SHA-256 there stands for the whole of it.
 */
import { BasinError } from '../../../base/errors'
import { type Labels, labelArray } from '../labels'

/** Some browsers refuse to store one large value, and a small one is fetched, checked and kept at once. */
export const MAX_SHARD_BYTES = 8 * 1024 * 1024

/** Bytes of one label. */
export const labelBytes = (numClasses: number): number => (numClasses > 256 ? 2 : 1)

export interface ShardContent {
  /** [count, height, width, channels] */
  images: Uint8Array
  /** [count] */
  labels: Labels
}

/** @throws BasinError `config` when the shard would be larger than MAX_SHARD_BYTES */
export function packShard({ images, labels }: ShardContent): Uint8Array {
  const size = images.length + labels.byteLength
  if (size > MAX_SHARD_BYTES) {
    throw new BasinError(
      'config',
      `shard: at most ${MAX_SHARD_BYTES} bytes, got ${size}`,
      'Use smaller shards.',
    )
  }
  const bytes = new Uint8Array(size)
  bytes.set(images)
  if (labels instanceof Uint8Array) bytes.set(labels, images.length)
  else {
    const view = new DataView(bytes.buffer, images.length)
    labels.forEach((label, i) => {
      view.setUint16(2 * i, label, true)
    })
  }
  return bytes
}

/**
 * A shard's parts; its images are a view.
 * @param imageSize height · width · channels
 * @throws BasinError `data-damaged` when the length does not fit or a label is not a class
 */
export function unpackShard(
  bytes: Uint8Array,
  name: string,
  count: number,
  imageSize: number,
  numClasses: number,
): ShardContent {
  const expected = count * (imageSize + labelBytes(numClasses))
  if (bytes.length !== expected) {
    throw new BasinError(
      'data-damaged',
      `${name}: ${count} images and labels are ${expected} bytes, got ${bytes.length}`,
    )
  }
  const labels = readLabels(bytes.subarray(count * imageSize), count, numClasses)
  const foreign = labels.findIndex((label) => label >= numClasses)
  if (foreign >= 0) {
    throw new BasinError(
      'data-damaged',
      `${name}: labels below ${numClasses}, got ${labels[foreign]} at ${foreign}`,
    )
  }
  return { images: bytes.subarray(0, count * imageSize), labels }
}

function readLabels(bytes: Uint8Array, count: number, numClasses: number): Labels {
  if (labelBytes(numClasses) === 1) return bytes
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const labels = labelArray(count, numClasses)
  for (let i = 0; i < count; i++) labels[i] = view.getUint16(2 * i, true)
  return labels
}
