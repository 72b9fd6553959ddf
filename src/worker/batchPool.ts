/**
 * A pool of batch threads. Batches go round in turn; each thread answers in order, and one that fails takes the pool
 * with it, because the training loop can go on without.
 */
import type { RawBatch } from '../core/data/augment/prepare'
import type { Recipe } from '../core/data/augment/recipe'
import type { BatchPool } from '../core/data/batchFeed'
import type { FromBatchThread, ToBatchThread } from '../core/data/batchWork'

/** As much of a Worker as a pool needs. */
export interface BatchThread {
  postMessage(message: ToBatchThread, transfer: Transferable[]): void
  terminate(): void
  onmessage: ((event: MessageEvent<FromBatchThread>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
}

interface Waiting {
  resolve(images: Float32Array): void
  reject(error: Error): void
}

export class ThreadPool implements BatchPool {
  readonly size: number
  readonly #threads: BatchThread[]
  readonly #waiting = new Map<number, Waiting>()
  #next = 0

  constructor(recipe: Recipe, threads: BatchThread[]) {
    this.size = threads.length
    this.#threads = threads
    for (const thread of threads) {
      thread.onmessage = ({ data: { id, images } }) => {
        this.#waiting.get(id)?.resolve(images)
        this.#waiting.delete(id)
      }
      thread.onerror = () => this.dispose()
      thread.postMessage({ recipe }, [])
    }
  }

  prepare(raw: RawBatch): Promise<Float32Array> {
    const id = this.#next++
    const transfer = [raw.pixels.buffer, raw.indices.buffer] as ArrayBuffer[]
    if (raw.basicDraws) transfer.push(raw.basicDraws.buffer as ArrayBuffer)
    return new Promise((resolve, reject) => {
      if (this.#threads.length === 0) {
        reject(new Error('the pool is gone'))
        return
      }
      this.#waiting.set(id, { resolve, reject })
      this.#threads[id % this.#threads.length].postMessage({ id, raw }, transfer)
    })
  }

  dispose(): void {
    for (const thread of this.#threads) thread.terminate()
    this.#threads.length = 0
    for (const { reject } of this.#waiting.values()) reject(new Error('the pool is gone'))
    this.#waiting.clear()
  }
}

/** At most so many: the first two bring nearly all there is to gain. */
const MOST = 4

/** Threads for a page: one less than the machine has, for the training worker itself. */
export function openBatchPool(recipe: Recipe): BatchPool | undefined {
  if (typeof Worker === 'undefined') return undefined
  const size = Math.max(1, Math.min(MOST, (navigator.hardwareConcurrency ?? 2) - 1))
  try {
    const threads = Array.from(
      { length: size },
      () => new Worker(new URL('./batch.worker.ts', import.meta.url), { type: 'module' }),
    )
    return new ThreadPool(recipe, threads)
  } catch {
    return undefined
  }
}
