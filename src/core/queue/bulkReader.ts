/**
 * Reads many small device tensors together. A read costs a round trip to the GPU, so it is neither awaited per step
 * nor left to pile up: rows are joined into chunks sized to the device's own speed, one chunk is read while the next
 * is being computed, and whoever produces waits when both are full. So the device is never more than two chunks
 * behind: 2 · MAX_ROWS rows, and no more of them than it computes in 2 · TARGET_MS; where a single row takes longer
 * than SLOW_MS, that row alone. Used by training, evaluation and slices alike.
 */
import { readTensor } from '../../engine/device/loss'
import * as tf from '../../engine/tf'
import { Breather } from './breather'

export interface ReadRow<Tag> {
  tag: Tag
  values: Float32Array
}

/** What computing a chunk should take. */
export const TARGET_MS = 60
/** Upper bound of rows in a chunk. */
export const MAX_ROWS = 4
/** A row that takes so long gains nothing from the next one being queued behind it; a Pause would wait for both. */
export const SLOW_MS = 100

export interface BulkReaderOptions<Tag> {
  /**
   * Takes one chunk, in the order of `push`. `seconds` is the time since the previous chunk arrived (or since
   * `restartClock`): while the device is the bottleneck, that is what computing this chunk took.
   */
  onRows(rows: ReadRow<Tag>[], seconds: number): void
  /** Stands for the device in tests. */
  read?(tensor: tf.Tensor): Promise<ArrayLike<number>>
}

export class BulkReader<Tag> {
  readonly #onRows: BulkReaderOptions<Tag>['onRows']
  readonly #readTensor: NonNullable<BulkReaderOptions<Tag>['read']>
  #open: { tensors: tf.Tensor1D[]; tag: Tag }[] = []
  #chunkRows = 1
  #isSlow = false
  #pending: Promise<void> | undefined
  #clock = performance.now()

  constructor(options: BulkReaderOptions<Tag>) {
    this.#onRows = options.onRows
    this.#readTensor = options.read ?? readTensor
  }

  /** True when the next `push` begins a chunk. */
  get atChunkStart(): boolean {
    return this.#open.length === 0
  }

  /** One row: takes over `tensors` (float32, any lengths), joins their values, and disposes them once read. */
  push(tensors: tf.Tensor1D[], tag: Tag): void {
    this.#open.push({ tensors, tag })
  }

  /** Call after every unit of work: starts a read when a chunk is full, and waits while the one before is under way. */
  async readWhenFull(): Promise<void> {
    if (this.#open.length < this.#chunkRows) return
    await this.#pending
    this.#startRead()
    if (this.#isSlow) await this.#pending
  }

  /** Waits until everything pushed has been handed to `onRows`. */
  async drain(): Promise<void> {
    await this.#pending
    if (this.#open.length > 0) this.#startRead()
    await this.#pending
  }

  /** Waits for a read that is under way, whatever becomes of it; call before `dispose` when giving up. */
  async settled(): Promise<void> {
    await this.#pending?.catch(() => {})
  }

  /** Leaves the time since the last chunk out of the next one's `seconds` (after a pause or an evaluation). */
  restartClock(): void {
    this.#clock = performance.now()
  }

  /** Drops what was not read. */
  dispose(): void {
    for (const { tensors } of this.#open) tf.dispose(tensors)
    this.#open = []
  }

  #startRead(): void {
    const rows = this.#open
    this.#open = []
    this.#pending = this.#read(rows)
    // The rejection is reported by whoever awaits next; without this line Node would call it unhandled meanwhile.
    this.#pending.catch(() => {})
  }

  async #read(rows: { tensors: tf.Tensor1D[]; tag: Tag }[]): Promise<void> {
    const tensors = rows.flatMap((row) => row.tensors)
    const joined = tensors.length === 1 ? tensors[0].clone() : tf.concat(tensors)
    const sizes = rows.map((row) => row.tensors.reduce((sum, tensor) => sum + tensor.size, 0))
    tf.dispose(tensors)
    let values: Float32Array
    try {
      values = (await this.#readTensor(joined)) as Float32Array
    } finally {
      joined.dispose()
    }
    const now = performance.now()
    const elapsed = now - this.#clock
    this.#clock = now
    this.#resize(elapsed / rows.length)
    let offset = 0
    const read = rows.map(({ tag }, i) => {
      const slice = values.slice(offset, offset + sizes[i])
      offset += sizes[i]
      return { tag, values: slice }
    })
    this.#onRows(read, elapsed / 1000)
  }

  /** Grows at most twofold at a time: the first step of a run compiles shaders and says nothing about the rest. */
  #resize(msPerRow: number): void {
    const wanted = Math.floor(TARGET_MS / Math.max(msPerRow, 1e-3))
    this.#chunkRows = Math.max(1, Math.min(MAX_ROWS, this.#chunkRows * 2, wanted))
    this.#isSlow = msPerRow > SLOW_MS
  }
}

/**
 * Rows are read while `produce` pushes them, and other tasks have their turn; all that was pushed is read when this
 * returns, and what was not is dropped where `produce` throws.
 */
export async function readInBulk<Tag>(
  options: BulkReaderOptions<Tag>,
  produce: (push: (tensors: tf.Tensor1D[], tag: Tag) => Promise<void>) => Promise<void>,
): Promise<void> {
  const reader = new BulkReader(options)
  const breather = new Breather()
  try {
    await produce(async (tensors, tag) => {
      reader.push(tensors, tag)
      await reader.readWhenFull()
      await breather.breathe()
    })
    await reader.drain()
  } finally {
    await reader.settled()
    reader.dispose()
  }
}
