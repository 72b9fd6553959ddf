/**
 * One shard, verified: from the store where it is kept, else from the source and then into the store. What is kept is
 * the unpacked shard under its SHA-256, so a store can hold nothing that the sums of the manifest do not vouch for,
 * and a damaged copy (a sum that no longer fits) is fetched again.
 */
import { gunzipSync } from 'fflate'
import { BasinError } from '../../../base/errors'
import { sha256 } from '../../../base/sha256'
import type { ImageDecoder, ShardSource, ShardStore } from '../../ports'
import type { ShardEntry } from '../catalog/manifest'
import type { OpenDataset } from '../openDataset'

export interface DataPorts {
  source: ShardSource
  store: ShardStore
  /** Where the imported data sets are; absent: there are only the source's. */
  library?: ImportedSets
  /** For sets that are stored as picture files. */
  decode?: ImageDecoder
  /** Pixels that a run may hold in memory; beyond, images are read when they are needed. */
  memoryBytes?: number
}

/** The way to imported data sets; `undefined` for a name that was not imported. */
export interface ImportedSets {
  open(name: string, signal?: AbortSignal): Promise<OpenDataset | undefined>
}

/**
 * @param path where the source has it
 * @throws BasinError naming the shard and the remedy: `data-missing`, `data-damaged`
 */
export async function readShard(
  path: string,
  entry: ShardEntry,
  { source, store }: DataPorts,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const key = `${path}/${entry.unpacked.sha256}`
  const kept = await keptShard(key, entry, store)
  if (kept) return kept
  signal?.throwIfAborted()
  const bytes = await verified(path, entry, await source.read(path, signal))
  signal?.throwIfAborted()
  await store.put(key, bytes)
  return bytes
}

/** An unreadable value counts as none. */
async function keptShard(key: string, entry: ShardEntry, store: ShardStore): Promise<Uint8Array | undefined> {
  const bytes = await store.get(key).catch(() => undefined)
  return bytes && (await fits(bytes, entry.unpacked)) ? bytes : undefined
}

async function fits(bytes: Uint8Array, sums: ShardEntry['unpacked']): Promise<boolean> {
  return bytes.length === sums.bytes && (await sha256(bytes)) === sums.sha256
}

/** Some hosts serve .gz as `Content-Encoding: gzip`; then the browser has already unpacked it. The bytes tell. */
async function verified(path: string, entry: ShardEntry, bytes: Uint8Array): Promise<Uint8Array> {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b
  if (!packed) {
    if (await fits(bytes, entry.unpacked)) return bytes
    throw damaged(path, entry.unpacked, bytes)
  }
  if (!(await fits(bytes, entry.packed))) throw damaged(path, entry.packed, bytes)
  const unpacked = gunzipSync(bytes, { out: new Uint8Array(entry.unpacked.bytes) })
  if (await fits(unpacked, entry.unpacked)) return unpacked
  throw damaged(path, entry.unpacked, unpacked)
}

function damaged(path: string, expected: ShardEntry['packed'], bytes: Uint8Array): BasinError {
  const what =
    bytes.length === expected.bytes
      ? 'its SHA-256 is not the one in the manifest'
      : `the manifest says ${expected.bytes} bytes, got ${bytes.length}`
  return new BasinError(
    'data-damaged',
    `${path}: the shard is damaged, ${what}`,
    'Nothing of it was kept. Train again to fetch it anew; if that fails too, restore the file on the server from a fresh copy of Basin.',
  )
}
