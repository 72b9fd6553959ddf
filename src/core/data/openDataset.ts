/** What every data set is once it was found, wherever it lies. */

import type { Manifest, ShardEntry } from './catalog/manifest'
import type { ImageReader } from './shards/imageReader'

/** A data set that is there: what it holds, and the way to its shards. */
export interface OpenDataset {
  manifest: Manifest
  /** One shard, unpacked and checked. @throws BasinError naming the shard and the remedy */
  readShard(entry: ShardEntry, signal?: AbortSignal): Promise<Uint8Array>
  /** Image by image; absent where nobody listed them. */
  reader?: ImageReader
}
