/**
 * Batches ahead of the training loop. What the device can decode itself is only collected. Else, with a pool of threads
 * the batches of the next steps are being prepared while the device computes; without one each is made when it is
 * asked for. What a batch holds is the same either way.
 */
import type { RawBatch } from '../augment/prepare'
import type { Recipe } from '../augment/recipe'
import type { UploadBatch } from '../dataset'
import type { StoredImages } from '../shards/lazyImages'
import type { BatchStream } from './batchStream'

/** Threads that prepare batches. */
export interface BatchPool {
  /** How many batches are worked on at the same time. */
  readonly size: number
  /** Takes over the raw batch's memory. Rejects when the thread is lost. */
  prepare(raw: RawBatch): Promise<Float32Array>
  /**
   * Images as an evaluation sees them: [count, height, width, channels]. Takes over the pixels' memory; files are
   * copied. Rejects when the thread is lost.
   */
  prepareToLookAt(stored: StoredImages, count: number): Promise<Float32Array>
  dispose(): void
}

/** undefined where there are no threads to be had. */
export type OpenPool = (recipe: Recipe) => BatchPool | undefined

interface Ahead {
  images: Float32Array | undefined
  done: Promise<Float32Array | undefined>
}

export class BatchFeed {
  readonly #stream: BatchStream
  readonly #deviceDecodes: boolean
  #pool: BatchPool | undefined
  /** By step; undefined images: not yet, or lost with their thread. */
  readonly #ahead = new Map<number, Ahead>()
  #answered = false
  #waited = 0

  /** @param deviceDecodes batches of a `decodable` stream are left for the device to decode */
  constructor(stream: BatchStream, pool?: BatchPool, deviceDecodes = false) {
    this.#stream = stream
    this.#pool = pool
    this.#deviceDecodes = deviceDecodes
  }

  /**
   * The batch of a step, the caller's to keep; the following ones are started.
   * @param end no batch is made ahead from this step on
   */
  async take(step: number, end: number): Promise<UploadBatch> {
    const start = performance.now()
    if (this.#deviceDecodes) {
      const encoded = this.#stream.encodedAt(step)
      this.#waited += (performance.now() - start) / 1000
      return encoded
    }
    const ready = this.#ahead.get(step)
    for (const old of this.#ahead.keys()) if (old <= step) this.#ahead.delete(old)
    this.#prefetch(step + 1, end)
    // A thread that is only starting is not waited for.
    const images = ready && (ready.images ?? (this.#answered ? await ready.done : undefined))
    const batch = images ? this.#stream.finish(step, images) : await this.#stream.make(step)
    this.#waited += (performance.now() - start) / 1000
    return batch
  }

  /** Its threads, for other batches of the same data set; undefined without or once they are lost. */
  get pool(): BatchPool | undefined {
    return this.#pool
  }

  /** What is done to the images. */
  get recipe(): Recipe {
    return this.#stream.recipe
  }

  /** Seconds that `take` has kept its callers since the last call, making or awaiting batches. */
  takeWaited(): number {
    const waited = this.#waited
    this.#waited = 0
    return waited
  }

  dispose(): void {
    this.#pool?.dispose()
    this.#pool = undefined
    this.#ahead.clear()
  }

  #prefetch(first: number, end: number): void {
    if (!this.#pool) return
    // One batch in each thread and one waiting for it.
    const last = Math.min(end, first + 2 * this.#pool.size)
    for (let step = first; step < last; step++) {
      if (!this.#ahead.has(step)) this.#ahead.set(step, this.#start(this.#pool, step))
    }
  }

  #start(pool: BatchPool, step: number): Ahead {
    const ahead: Ahead = { images: undefined, done: Promise.resolve(undefined) }
    const prepared = this.#stream.read(step).then((raw) => pool.prepare(raw))
    ahead.done = prepared.then(
      (images) => {
        this.#answered = true
        ahead.images = images
        return images
      },
      () => {
        // Lost threads are no reason to stop: from now on batches are made here. An image that cannot be read is found
        // out there too, by whoever takes its batch.
        if (this.#pool === pool) this.dispose()
        return undefined
      },
    )
    return ahead
  }
}
