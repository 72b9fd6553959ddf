/**
 * What the core asks of its surroundings. The browser answers with IndexedDB and fetch, Node with folders;
 * the core never knows which.
 */

/** Keeps verified shards between visits. Keys are content addresses: `<dataset>/<shard>/<sha256>`. */
export interface ShardStore {
  get(key: string): Promise<Uint8Array | undefined>
  /** Stores all of it or nothing. Throws BasinError `storage-full` or `storage`. */
  put(key: string, bytes: Uint8Array): Promise<void>
}

/** Where a data set's manifest and shards are fetched from: a URL prefix in the page, a folder in Node. */
export interface ShardSource {
  /** Raw bytes of `path` relative to the data sets' root. Throws BasinError `data-missing` naming the path. */
  read(path: string, signal?: AbortSignal): Promise<Uint8Array>
}
