/** Collects samples into shards of at most 8 MiB and stores each under the import's own key. */
import type { DataStore } from '../../../platform/ports'
import { labelArray } from '../dataset'
import { shardKey } from '../library'
import type { ShardEntry } from '../manifest'
import { sha256 } from '../sha256'
import { labelBytes, MAX_SHARD_BYTES, packShard } from '../shard'
import type { Sample, SplitName } from './layout'

/** As in the bundled set; a run of few images then needs few shards. */
const MOST_IMAGES = 2500

interface Open {
  split: SplitName
  group: number
  images: Uint8Array
  labels: number[]
}

export class ShardWriter {
  readonly counts: Record<SplitName, number> = { train: 0, test: 0 }
  readonly classCounts: Record<SplitName, number[]>
  readonly #imageSize: number
  readonly #perShard: number
  readonly #open = new Map<string, Open>()
  readonly #done: (ShardEntry & { group: number; number: number })[] = []
  readonly #written = new Map<string, number>()
  readonly #sum: Float64Array
  readonly #squares: Float64Array

  constructor(
    private readonly store: DataStore,
    private readonly importId: string,
    private readonly shape: { height: number; width: number; channels: number; numClasses: number },
  ) {
    const { height, width, channels, numClasses } = shape
    this.#imageSize = height * width * channels
    const room = Math.floor(MAX_SHARD_BYTES / (this.#imageSize + labelBytes(numClasses)))
    this.#perShard = Math.min(MOST_IMAGES, room)
    const zeros = () => new Array<number>(numClasses).fill(0)
    this.classCounts = { train: zeros(), test: zeros() }
    this.#sum = new Float64Array(channels)
    this.#squares = new Float64Array(channels)
  }

  /** @throws BasinError `storage-full` or `storage` when a full shard cannot be kept */
  async add({ split, group, label, pixels }: Sample): Promise<void> {
    const key = `${split}-${group}`
    let open = this.#open.get(key)
    if (!open) {
      open = { split, group, images: new Uint8Array(this.#perShard * this.#imageSize), labels: [] }
      this.#open.set(key, open)
    }
    open.images.set(pixels, open.labels.length * this.#imageSize)
    open.labels.push(label)
    this.counts[split]++
    this.classCounts[split][label]++
    if (split === 'train') this.#measure(pixels)
    if (open.labels.length === this.#perShard) await this.#close(key, open)
  }

  /** The last, smaller shards. @returns all shards: training first, groups in their order */
  async finish(): Promise<ShardEntry[]> {
    for (const [key, open] of this.#open) await this.#close(key, open)
    const order = (entry: { split: SplitName; group: number; number: number }) =>
      [entry.split === 'train' ? 0 : 1, entry.group, entry.number] as const
    return this.#done
      .sort((a, b) => {
        const [x, y] = [order(a), order(b)]
        return x[0] - y[0] || x[1] - y[1] || x[2] - y[2]
      })
      .map(({ group: _, number: __, ...entry }) => entry)
  }

  /** Of the training images, per channel, in units of pixel/255; a constant channel gets std 1. */
  statistics(): { mean: number[]; std: number[] } {
    const { height, width } = this.shape
    const pixels = this.counts.train * height * width
    const mean = Array.from(this.#sum, (sum) => sum / pixels / 255)
    const std = Array.from(this.#squares, (sum, c) => {
      const variance = sum / pixels / 255 ** 2 - mean[c] ** 2
      return variance > 1e-8 ? Math.sqrt(variance) : 1
    })
    return { mean, std }
  }

  #measure(pixels: Uint8Array): void {
    const { channels } = this.shape
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

  async #close(key: string, { split, group, images, labels }: Open): Promise<void> {
    this.#open.delete(key)
    const number = this.#written.get(key) ?? 0
    this.#written.set(key, number + 1)
    const file = `${split}-${group}-${String(number).padStart(5, '0')}.bin`
    const own = labelArray(labels.length, this.shape.numClasses)
    own.set(labels)
    const bytes = packShard({ images: images.subarray(0, labels.length * this.#imageSize), labels: own })
    const sums = { bytes: bytes.length, sha256: await sha256(bytes) }
    await this.store.put(shardKey(this.importId, file), bytes)
    this.#done.push({ file, split, count: labels.length, packed: sums, unpacked: sums, group, number })
  }
}
