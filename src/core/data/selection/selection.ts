/**
 * Which training images a run uses: the first n of a seeded order of all N. The order is drawn in two levels, whole
 * shards first and then the images within each, so that only the shards that are needed are fetched; and a smaller n
 * is always part of a larger one. Every image is equally likely to be among the n. (Not every SET of n images is:
 * they come from as few shards as possible. The official files are in no particular order, so neither is a shard.)
 *
 * Folders of images come class by class. Their sets are `scattered`: the n are drawn from all shards, one image at a
 * time, because a shard of them would hold a class or two.
 */
import { randomStream } from '../../../base/random'

/** What to take out of one shard. */
export interface ShardPart {
  /** Position in the list of shards. */
  shard: number
  /** Images within the shard, in the order in which they stand in the run's split. */
  indices: Uint32Array
  /** Where in the split the first of them stands. */
  offset: number
}

export interface SelectionRules {
  scattered?: boolean
  /** Training images that are kept for evaluation, by their number over all shards; see holdOut.ts. */
  heldOut?: Uint8Array
}

/**
 * @param shardCounts images per training shard, in the manifest's order
 * @param n how many images; null, or more than there are: all
 * @returns parts in the order of their offsets
 */
export function selectTraining(
  shardCounts: readonly number[],
  n: number | null,
  seed: number,
  { scattered = false, heldOut }: SelectionRules = {},
): ShardPart[] {
  const starts = shardStarts(shardCounts)
  const free = (shard: number) => freeImages(shardCounts[shard], starts[shard], heldOut)
  if (scattered)
    return scatter(
      shardCounts.map((_, shard) => free(shard)),
      starts,
      n,
      seed,
    )
  const order = randomStream(seed, 'subset').shuffle(shardCounts.map((_, shard) => shard))
  const wanted = n ?? Number.POSITIVE_INFINITY
  const parts: ShardPart[] = []
  let offset = 0
  for (const shard of order) {
    if (offset >= wanted) break
    const indices = randomStream(seed, 'subset', 1 + shard).shuffle(free(shard))
    const part = indices.subarray(0, Math.min(indices.length, wanted - offset))
    if (part.length > 0) parts.push({ shard, indices: part, offset })
    offset += part.length
  }
  return parts
}

/** The held-out images, in their own order. */
export function selectHeldOut(shardCounts: readonly number[], heldOut: Uint8Array): ShardPart[] {
  const starts = shardStarts(shardCounts)
  return inOrder(
    shardCounts.map((count, shard) =>
      Uint32Array.from({ length: count }, (_, i) => i).filter((i) => heldOut[starts[shard] + i] === 1),
    ),
  )
}

function scatter(free: readonly Uint32Array[], starts: readonly number[], n: number | null, seed: number) {
  const all = Uint32Array.from(free.flatMap((images, shard) => Array.from(images, (i) => starts[shard] + i)))
  const chosen = randomStream(seed, 'subset')
    .shuffle(all)
    .slice(0, n ?? all.length)
    .sort()
  let at = 0
  return inOrder(
    starts.map((start, shard) => {
      const end = starts[shard + 1] ?? Number.POSITIVE_INFINITY
      const first = at
      while (at < chosen.length && chosen[at] < end) at++
      return chosen.slice(first, at).map((image) => image - start)
    }),
  )
}

function inOrder(perShard: readonly Uint32Array[]): ShardPart[] {
  let offset = 0
  return perShard.flatMap((indices, shard) => {
    if (indices.length === 0) return []
    const part = { shard, indices, offset }
    offset += indices.length
    return [part]
  })
}

function shardStarts(counts: readonly number[]): number[] {
  let start = 0
  return counts.map((count) => {
    start += count
    return start - count
  })
}

function freeImages(count: number, start: number, heldOut: Uint8Array | undefined): Uint32Array {
  const all = Uint32Array.from({ length: count }, (_, i) => i)
  return heldOut ? all.filter((i) => heldOut[start + i] === 0) : all
}
