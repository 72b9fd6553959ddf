/** A run's data whose labels are in memory, and whose images are read when they are needed. */

import { BasinError } from '../../base/errors'
import type { ImageDecoder } from '../ports'
import type { ShardEntry } from './catalog/manifest'
import type { Split } from './dataset'
import { labelArray } from './labels'
import type { OpenDataset } from './openDataset'
import type { ShardPart } from './selection/selection'
import { lazyImages } from './shards/lazyImages'

/**
 * @returns makes a split of parts of these shards
 * @throws BasinError `data-missing` or `data-damaged` when the list of images is not whole
 */
export async function lazySplits(
  { manifest, reader }: OpenDataset,
  decode: ImageDecoder | undefined,
): Promise<(parts: readonly ShardPart[], shards: readonly ShardEntry[]) => Split> {
  if (!reader) throw new BasinError('internal', 'data: a reader of single images')
  const { height, class_names: classNames } = manifest
  const { labels } = await reader.index()
  const starts = new Map<ShardEntry, number>()
  let start = 0
  for (const shard of manifest.shards) {
    starts.set(shard, start)
    start += shard.count
  }
  return (parts, shards) => {
    const count = parts.reduce((sum, part) => sum + part.indices.length, 0)
    const numbers = new Uint32Array(count)
    for (const { shard, indices, offset } of parts) {
      const first = starts.get(shards[shard]) ?? 0
      indices.forEach((index, i) => {
        numbers[offset + i] = first + index
      })
    }
    const own = labelArray(count, classNames.length)
    for (let i = 0; i < count; i++) own[i] = labels[numbers[i]]
    const lazy = lazyImages(reader, numbers, height, decode)
    return { images: new Uint8Array(0), lazy, labels: own, wrong: new Uint8Array(count), count }
  }
}
