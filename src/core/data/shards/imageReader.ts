/**
 * Single images of a set that is larger than memory, each checked against its CRC-32 when it is read. Those read last
 * stay in a cache of bounded bytes; what an image holds never depends on it.
 */
import { BasinError } from '../../../base/errors'
import { crc32 } from '../../formats/crc32'
import type { ShardEntry } from '../catalog/manifest'
import type { ImageIndex } from './imageIndex'

/** How an image's bytes are had. */
export interface ImageSource {
  /** Label, length and sum of every image, numbered over the manifest's shards. */
  index(): Promise<ImageIndex>
  /** @throws BasinError `data-missing` or `storage` */
  read(image: number): Promise<Uint8Array>
  /** Whose images they are, in an error. */
  name: string
  /** Picture files to be decoded; else pixels. */
  encoded: boolean
}

/** Bytes of images that stay in memory. */
export const CACHE_BYTES = 256 * 2 ** 20

export class ImageReader {
  /** Of all images that are in memory now. */
  cachedBytes = 0
  readonly encoded: boolean
  readonly #source: ImageSource
  readonly #limit: number
  /** By last use. */
  readonly #cache = new Map<number, Uint8Array>()
  #index: Promise<ImageIndex> | undefined

  constructor(source: ImageSource, limit = CACHE_BYTES) {
    this.#source = source
    this.#limit = limit
    this.encoded = source.encoded
  }

  index(): Promise<ImageIndex> {
    this.#index ??= this.#source.index().catch((error) => {
      this.#index = undefined
      throw error
    })
    return this.#index
  }

  /**
   * @param images numbered over the manifest's shards
   * @returns pixels or files, in this order; not to be changed
   * @throws BasinError `data-damaged` when one is not what was imported, `data-missing`, `storage`
   */
  async read(images: ArrayLike<number>): Promise<Uint8Array[]> {
    const { lengths, sums } = await this.index()
    return Promise.all(
      Array.from(images, async (image) => {
        const kept = this.#cache.get(image)
        if (kept) {
          this.#cache.delete(image)
          this.#cache.set(image, kept)
          return kept
        }
        const bytes = await this.#source.read(image)
        if (bytes.length !== lengths[image] || crc32(bytes) !== sums[image]) throw this.#damaged(image)
        this.#keep(image, bytes)
        return bytes
      }),
    )
  }

  #keep(image: number, bytes: Uint8Array): void {
    if (bytes.length > this.#limit || this.#cache.has(image)) return
    this.#cache.set(image, bytes)
    this.cachedBytes += bytes.length
    for (const [oldest, { length }] of this.#cache) {
      if (this.cachedBytes <= this.#limit) return
      this.#cache.delete(oldest)
      this.cachedBytes -= length
    }
  }

  #damaged(image: number): BasinError {
    return new BasinError(
      'data-damaged',
      `${this.#source.name}: image ${image} is not the one that was imported, its CRC-32 differs`,
      'Import the data set again on the Data page (or npm run data -- import).',
    )
  }
}

/** Where an image lies, by its number over all shards. */
export class ImagePlaces {
  readonly #starts: Uint32Array
  readonly #offsets: Uint32Array

  constructor(
    private readonly shards: readonly ShardEntry[],
    private readonly index: ImageIndex,
  ) {
    this.#starts = new Uint32Array(shards.length + 1)
    this.#offsets = new Uint32Array(index.lengths.length)
    shards.forEach(({ count }, shard) => {
      const first = this.#starts[shard]
      this.#starts[shard + 1] = first + count
      for (let i = first + 1; i < first + count; i++)
        this.#offsets[i] = this.#offsets[i - 1] + index.lengths[i - 1]
    })
  }

  at(image: number): { shard: ShardEntry; start: number; end: number } {
    let [low, high] = [0, this.shards.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle] <= image) low = middle
      else high = middle - 1
    }
    const start = this.#offsets[image]
    return { shard: this.shards[low], start, end: start + this.index.lengths[image] }
  }
}
