/**
 * A shard: `count` uint8 images in NHWC order, followed by `count` uint8 labels. Nothing else: what it holds is
 * said by the manifest, and its SHA-256 there stands for the whole of it.
 */
import { BasinError } from '../errors'

/** Some browsers refuse to store one large value, and a small one is fetched, checked and kept at once. */
export const MAX_SHARD_BYTES = 8 * 1024 * 1024

export interface ShardContent {
  /** [count, height, width, channels] */
  images: Uint8Array
  /** [count] */
  labels: Uint8Array
}

/** @throws BasinError `config` when the shard would be larger than MAX_SHARD_BYTES */
export function packShard({ images, labels }: ShardContent): Uint8Array {
  const size = images.length + labels.length
  if (size > MAX_SHARD_BYTES) {
    throw new BasinError(
      'config',
      `shard: at most ${MAX_SHARD_BYTES} bytes, got ${size}`,
      'Use smaller shards.',
    )
  }
  const bytes = new Uint8Array(size)
  bytes.set(images)
  bytes.set(labels, images.length)
  return bytes
}

/**
 * Views into a shard.
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
  const expected = count * (imageSize + 1)
  if (bytes.length !== expected) {
    throw new BasinError(
      'data-damaged',
      `${name}: ${count} images and labels are ${expected} bytes, got ${bytes.length}`,
    )
  }
  const labels = bytes.subarray(count * imageSize)
  const foreign = labels.findIndex((label) => label >= numClasses)
  if (foreign >= 0) {
    throw new BasinError(
      'data-damaged',
      `${name}: labels below ${numClasses}, got ${labels[foreign]} at ${foreign}`,
    )
  }
  return { images: bytes.subarray(0, count * imageSize), labels }
}
