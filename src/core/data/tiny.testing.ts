/** A data set of a few bytes behind the ports, with every way to break it: tests of loading use it. */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { gzipSync } from 'fflate'
import { BasinError } from '../../base/errors'
import type { DataStore, ShardSource } from '../ports'
import type { Manifest, ShardEntry } from './catalog/manifest'

const COUNT = 4
const IMAGE = 4

const sums = (bytes: Uint8Array) => ({
  bytes: bytes.length,
  sha256: bytesToHex(sha256(bytes)),
})

/** Pixel p of image i of shard s is 40·s + 4·i + p; its label is i mod 3. */
export function tinyShard(s: number): Uint8Array {
  const images = Array.from({ length: COUNT * IMAGE }, (_, k) => 40 * s + k)
  return Uint8Array.from([...images, ...Array.from({ length: COUNT }, (_, i) => i % 3)])
}

export class TinySource implements ShardSource {
  readonly files = new Map<string, Uint8Array>()
  readonly manifest: Manifest
  /** Paths in the order in which they were asked for. */
  readonly reads: string[] = []
  /** Reads that have begun and not ended, and the most there ever were. */
  inFlight = 0
  mostInFlight = 0
  onRead: ((path: string) => void) | undefined

  /** Shards 0 … trainShards − 1 are for training, one more is the test split. */
  constructor(trainShards = 3) {
    const shards: ShardEntry[] = []
    for (let s = 0; s <= trainShards; s++) {
      const split = s < trainShards ? 'train' : 'test'
      const file = `${split}-${s}.gz`
      const unpacked = tinyShard(s)
      const packed = gzipSync(unpacked, { mtime: 0 })
      this.files.set(`fashion_mnist/${file}`, packed)
      shards.push({ file, split, count: COUNT, packed: sums(packed), unpacked: sums(unpacked) })
    }
    this.manifest = {
      format: 1,
      name: 'fashion_mnist',
      title: 'Tiny',
      height: 2,
      width: 2,
      channels: 1,
      class_names: ['a', 'b', 'c'],
      mean: [0.5],
      std: [0.25],
      splits: { train: trainShards * COUNT, test: COUNT },
      shards,
      encoding: 'raw',
      scattered: false,
      source: '',
      licence: '',
      citation: '',
    }
    this.writeManifest()
  }

  writeManifest(): void {
    this.files.set('fashion_mnist/manifest.json', new TextEncoder().encode(JSON.stringify(this.manifest)))
  }

  get shardReads(): string[] {
    return this.reads.filter((path) => path.endsWith('.gz'))
  }

  async read(path: string, signal?: AbortSignal): Promise<Uint8Array> {
    this.reads.push(path)
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight)
    try {
      this.onRead?.(path)
      await new Promise((resolve) => setTimeout(resolve))
      signal?.throwIfAborted()
      const bytes = this.files.get(path)
      if (!bytes) throw new BasinError('data-missing', `${path}: not on the server`, 'Put it there.')
      return bytes.slice()
    } finally {
      this.inFlight--
    }
  }
}

export class MapStore implements DataStore {
  readonly kept = new Map<string, Uint8Array>()
  /** Records that there is room for. */
  room = Number.POSITIVE_INFINITY

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.kept.get(key)?.slice()
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    return this.kept.get(key)?.slice(start, end)
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (this.kept.size >= this.room) throw new BasinError('storage-full', `${key}: no room`, '')
    this.kept.set(key, bytes.slice())
  }

  async keys(prefix: string): Promise<string[]> {
    return [...this.kept.keys()].filter((key) => key.startsWith(prefix)).sort()
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.kept.delete(key)
  }
}

/** What an asynchronous generator gives, to its end. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
