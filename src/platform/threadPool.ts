/**
 * A pool of batch threads, web workers or Node's, behind comlink. Batches go round in turn; a thread that fails takes
 * the pool with it, because the training loop can go on without.
 */
import * as Comlink from 'comlink'
import type { RawBatch } from '../core/data/augment/prepare'
import type { Recipe } from '../core/data/augment/recipe'
import type { BatchPool } from '../core/data/batches/batchFeed'
import type { BatchThread } from '../core/data/batches/batchWork'
import type { StoredImages } from '../core/data/shards/lazyImages'

/** A started thread. */
export interface Thread {
  endpoint: Comlink.Endpoint
  terminate(): void
  /** To be called when the thread has failed and will not answer any more. */
  onFailure(failed: () => void): void
}

/** Thread's side: answers until it is ended. @param more what this platform's threads answer beside it */
export function serveBatches(thread: BatchThread, endpoint?: Comlink.Endpoint, more: object = {}): void {
  const handOver = (images: Float32Array) => Comlink.transfer(images, [images.buffer as ArrayBuffer])
  const api: BatchThread = {
    ...more,
    open: (recipe) => thread.open(recipe),
    prepare: async (raw) => handOver(await thread.prepare(raw)),
    prepareToLookAt: async (stored, count) => handOver(await thread.prepareToLookAt(stored, count)),
  }
  Comlink.expose(api, endpoint)
}

export class ThreadPool implements BatchPool {
  readonly size: number
  readonly #threads: readonly Thread[]
  readonly #remotes: readonly Comlink.Remote<BatchThread>[]
  /** Of those that wait for a thread. */
  readonly #rejects = new Set<(error: Error) => void>()
  #gone = false
  #next = 0

  constructor(recipe: Recipe, threads: readonly Thread[]) {
    this.size = threads.length
    this.#threads = threads
    this.#remotes = threads.map(({ endpoint }) => Comlink.wrap<BatchThread>(endpoint))
    threads.forEach((thread, i) => {
      thread.onFailure(() => this.dispose())
      this.#remotes[i].open(recipe).catch(() => this.dispose())
    })
  }

  prepare(raw: RawBatch): Promise<Float32Array> {
    // Files may stay in the reader's cache: they are copied.
    const moved = [raw.pixels.buffer, raw.indices.buffer] as ArrayBuffer[]
    if (raw.basicDraws) moved.push(raw.basicDraws.buffer as ArrayBuffer)
    return this.#ask((remote) => remote.prepare(Comlink.transfer(raw, moved)))
  }

  prepareToLookAt(stored: StoredImages, count: number): Promise<Float32Array> {
    const moved = stored.pixels ? [stored.pixels.buffer as ArrayBuffer] : []
    return this.#ask((remote) => remote.prepareToLookAt(Comlink.transfer(stored, moved), count))
  }

  /** Of the thread whose turn it is. */
  #ask(work: (remote: Comlink.Remote<BatchThread>) => Promise<Float32Array>): Promise<Float32Array> {
    const remote = this.#remotes[this.#next++ % this.#remotes.length]
    return new Promise((resolve, reject) => {
      if (this.#gone) {
        reject(gone())
        return
      }
      this.#rejects.add(reject)
      const done = () => this.#rejects.delete(reject)
      work(remote).then(resolve, reject).finally(done)
    })
  }

  dispose(): void {
    if (this.#gone) return
    this.#gone = true
    for (const thread of this.#threads) thread.terminate()
    for (const reject of this.#rejects) reject(gone())
    this.#rejects.clear()
  }
}

const gone = () => new Error('the pool is gone')
