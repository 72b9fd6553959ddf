/**
 * Which training images a run uses: the first n of a seeded order of all N. The order is drawn in two levels, whole
 * shards first and then the images within each, so that only the shards that are needed are fetched; and a smaller n
 * is always part of a larger one. Every image is equally likely to be among the n. (Not every SET of n images is:
 * they come from as few shards as possible. The official files are in no particular order, so neither is a shard.)
 */
import { randomStream } from '../random'

/** What to take out of one shard. */
export interface ShardPart {
  /** Position in the list of shards. */
  shard: number
  /** Images within the shard, in the order in which they stand in the run's training split. */
  indices: Uint32Array
  /** Where in the training split the first of them stands. */
  offset: number
}

/**
 * @param shardCounts images per training shard, in the manifest's order
 * @param n how many images; null, or more than there are: all
 * @returns parts in the order of their offsets
 */
export function selectTraining(shardCounts: readonly number[], n: number | null, seed: number): ShardPart[] {
  const order = randomStream(seed, 'subset').shuffle(shardCounts.map((_, shard) => shard))
  const total = shardCounts.reduce((sum, count) => sum + count, 0)
  const wanted = Math.min(n ?? total, total)
  const parts: ShardPart[] = []
  let offset = 0
  for (const shard of order) {
    if (offset >= wanted) break
    const indices = shuffledIndices(shardCounts[shard], seed, 1 + shard)
    const part = indices.subarray(0, wanted - offset)
    parts.push({ shard, indices: part, offset })
    offset += part.length
  }
  return parts
}

function shuffledIndices(count: number, seed: number, stream: number): Uint32Array {
  return randomStream(seed, 'subset', stream).shuffle(Uint32Array.from({ length: count }, (_, i) => i))
}
