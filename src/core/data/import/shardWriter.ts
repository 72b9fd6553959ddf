/**
 * Collects samples into shards of at most 8 MiB and stores each under the import's own key; at the end the index of
 * all images beside them.
 */

import { sha256 } from '../../../base/sha256'
import { crc32 } from '../../formats/crc32'
import type { DataStore } from '../../ports'
import type { ShardEntry } from '../catalog/manifest'
import { labelArray } from '../labels'
import { type StoredPart, shardKey } from '../library'
import { type ImageIndex, INDEXED_IMAGES, packIndex } from '../shards/imageIndex'
import { labelBytes, MAX_SHARD_BYTES, packShard } from '../shards/shard'
import type { Sample, SplitName } from './layout'

/** As in the bundled set; a run of few images then needs few shards. */
const MOST_IMAGES = 2500
/** A list of paths goes on in another value beyond. */
const PATHS_BYTES = 4 * 2 ** 20

interface Open {
  split: SplitName
  group: number
  /** Images one after another, pixels or files. */
  bytes: Uint8Array
  used: number
  labels: number[]
  lengths: number[]
  sums: number[]
  paths: string[]
}

type Done = ShardEntry & Pick<Open, 'group' | 'labels' | 'lengths' | 'sums' | 'paths'> & { number: number }

export interface WriterOptions {
  height: number
  width: number
  channels: number
  numClasses: number
  /** Of the stored shards. */
  encoding: 'raw' | 'jpeg'
  /** The files stay where they are: shards are only summed, and the index is of the files. */
  inPlace: boolean
}

export class ShardWriter {
  readonly counts: Record<SplitName, number> = { train: 0, test: 0 }
  readonly classCounts: Record<SplitName, number[]>
  readonly #imageSize: number
  readonly #capacity: number
  readonly #perShard: number
  readonly #open = new Map<string, Open>()
  #done: Done[] = []
  readonly #written = new Map<string, number>()
  readonly #sum: Float64Array
  readonly #squares: Float64Array

  constructor(
    private readonly store: DataStore,
    private readonly importId: string,
    private readonly options: WriterOptions,
  ) {
    const { height, width, channels, numClasses, encoding } = options
    this.#imageSize = height * width * channels
    const room = Math.floor(MAX_SHARD_BYTES / (this.#imageSize + labelBytes(numClasses)))
    this.#perShard = encoding === 'raw' ? Math.min(MOST_IMAGES, room) : MOST_IMAGES
    this.#capacity =
      encoding === 'raw'
        ? this.#perShard * this.#imageSize
        : MAX_SHARD_BYTES - MOST_IMAGES * labelBytes(numClasses)
    const zeros = () => new Array<number>(numClasses).fill(0)
    this.classCounts = { train: zeros(), test: zeros() }
    this.#sum = new Float64Array(channels)
    this.#squares = new Float64Array(channels)
  }

  /** @throws BasinError `storage-full` or `storage` when a full shard cannot be kept */
  async add({ split, group, label, pixels, file, path }: Sample): Promise<void> {
    const key = `${split}-${group}`
    const stored = this.options.encoding === 'jpeg' && file ? file : pixels
    let open = this.#open.get(key)
    if (open && open.used + stored.length > this.#capacity) {
      await this.#close(key, open)
      open = undefined
    }
    if (!open) {
      const bytes = new Uint8Array(this.#capacity)
      open = { split, group, bytes, used: 0, labels: [], lengths: [], sums: [], paths: [] }
      this.#open.set(key, open)
    }
    open.bytes.set(stored, open.used)
    open.used += stored.length
    const listed = this.options.inPlace && file ? file : stored
    open.labels.push(label)
    open.lengths.push(listed.length)
    open.sums.push(crc32(listed))
    if (path !== undefined) open.paths.push(path)
    this.counts[split]++
    this.classCounts[split][label]++
    if (split === 'train') this.#measure(pixels)
    if (open.labels.length === this.#perShard) await this.#close(key, open)
  }

  /** The last, smaller shards. @returns all shards: training first, groups in their order */
  async finish(): Promise<ShardEntry[]> {
    for (const [key, open] of this.#open) await this.#close(key, open)
    const place = ({ split, group, number }: Done) => [split === 'train' ? 0 : 1, group, number] as const
    this.#done = this.#done.sort((a, b) => {
      const [x, y] = [place(a), place(b)]
      return x[0] - y[0] || x[1] - y[1] || x[2] - y[2]
    })
    return this.#done.map(({ file, split, count, packed, unpacked }) => ({
      file,
      split,
      count,
      packed,
      unpacked,
    }))
  }

  /** Stores the list of all images; after `finish`. */
  async storeIndex(): Promise<StoredPart[]> {
    const count = this.counts.train + this.counts.test
    const index: ImageIndex = {
      labels: labelArray(count, this.options.numClasses),
      lengths: new Uint32Array(count),
      sums: new Uint32Array(count),
    }
    let at = 0
    for (const { labels, lengths, sums } of this.#done) {
      index.labels.set(labels, at)
      index.lengths.set(lengths, at)
      index.sums.set(sums, at)
      at += labels.length
    }
    const parts: StoredPart[] = []
    for (let first = 0; first < count; first += INDEXED_IMAGES) {
      const bytes = packIndex(index, first, Math.min(count, first + INDEXED_IMAGES))
      parts.push(await this.#storePart(`index-${String(parts.length).padStart(5, '0')}.bin`, bytes))
    }
    return parts
  }

  /** Stores where every image lies, in the index's order; after `finish`. */
  async storePaths(): Promise<StoredPart[]> {
    const parts: StoredPart[] = []
    let batch: string[] = []
    let length = 0
    const flush = async () => {
      const bytes = new TextEncoder().encode(JSON.stringify(batch))
      parts.push(await this.#storePart(`paths-${String(parts.length).padStart(5, '0')}.json`, bytes))
      batch = []
      length = 0
    }
    for (const { paths } of this.#done) {
      for (const path of paths) {
        batch.push(path)
        // At most four bytes a character.
        length += 4 * path.length + 4
        if (length > PATHS_BYTES) await flush()
      }
    }
    if (batch.length > 0) await flush()
    return parts
  }

  /** Of the training images, per channel, in units of pixel/255; a constant channel gets std 1. */
  statistics(): { mean: number[]; std: number[] } {
    const { height, width } = this.options
    const pixels = this.counts.train * height * width
    const mean = Array.from(this.#sum, (sum) => sum / pixels / 255)
    const std = Array.from(this.#squares, (sum, c) => {
      const variance = sum / pixels / 255 ** 2 - mean[c] ** 2
      return variance > 1e-8 ? Math.sqrt(variance) : 1
    })
    return { mean, std }
  }

  #measure(pixels: Uint8Array): void {
    const { channels } = this.options
    for (let c = 0; c < channels; c++) {
      let sum = 0
      let squares = 0
      for (let i = c; i < pixels.length; i += channels) {
        sum += pixels[i]
        squares += pixels[i] * pixels[i]
      }
      this.#sum[c] += sum
      this.#squares[c] += squares
    }
  }

  async #close(key: string, { split, group, bytes: images, used, labels, ...lists }: Open): Promise<void> {
    this.#open.delete(key)
    const number = this.#written.get(key) ?? 0
    this.#written.set(key, number + 1)
    const file = `${split}-${group}-${String(number).padStart(5, '0')}.bin`
    const own = labelArray(labels.length, this.options.numClasses)
    own.set(labels)
    const bytes = packShard({ images: images.subarray(0, used), labels: own })
    const sums = { bytes: bytes.length, sha256: await sha256(bytes) }
    if (!this.options.inPlace) await this.store.put(shardKey(this.importId, file), bytes)
    const { lengths, sums: crcs, paths } = lists
    const entry = { file, split, count: labels.length, packed: sums, unpacked: sums }
    this.#done.push({ ...entry, group, number, labels, lengths, sums: crcs, paths })
  }

  async #storePart(file: string, bytes: Uint8Array): Promise<StoredPart> {
    await this.store.put(shardKey(this.importId, file), bytes)
    return { file, bytes: bytes.length, sha256: await sha256(bytes) }
  }
}
