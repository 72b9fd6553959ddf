import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../core/config/schema'
import { Preparer } from '../core/data/augment/prepare'
import { BatchStream } from '../core/data/batchStream'
import { batchThread, type FromBatchThread, type ToBatchThread } from '../core/data/batchWork'
import { syntheticDataset } from '../core/training/synthetic.testing'
import { type BatchThread, ThreadPool } from './batchPool'

/** A thread's two ends in one thread: what is sent moves, as it would. */
class LocalThread implements BatchThread {
  onmessage: ((event: MessageEvent<FromBatchThread>) => void) | null = null
  onerror: ((event: ErrorEvent) => void) | null = null
  terminated = false
  readonly #answer = batchThread()

  postMessage(message: ToBatchThread, transfer: Transferable[]): void {
    const moved = structuredClone(message, { transfer: transfer as ArrayBuffer[] })
    setTimeout(() => {
      const data = this.#answer(moved)
      if (data && !this.terminated) this.onmessage?.({ data } as MessageEvent<FromBatchThread>)
    })
  }

  terminate(): void {
    this.terminated = true
  }
}

describe('ThreadPool', () => {
  const dataset = syntheticDataset()
  const stream = new BatchStream(dataset, { ...DEFAULT_CONFIG, batch_size: 4 })

  it('gives every batch the images that are its own', async () => {
    const threads = [new LocalThread(), new LocalThread(), new LocalThread()]
    const pool = new ThreadPool(stream.recipe, threads)
    const steps = [0, 1, 2, 3, 4]
    const images = await Promise.all(steps.map((step) => pool.prepare(stream.rawAt(step))))
    const alone = new Preparer(stream.recipe)
    expect(images).toEqual(steps.map((step) => alone.prepare(stream.rawAt(step))))
    const raw = stream.rawAt(0)
    await pool.prepare(raw)
    expect(raw.pixels.length).toBe(0)
    pool.dispose()
    expect(threads.every((thread) => thread.terminated)).toBe(true)
    await expect(pool.prepare(stream.rawAt(1))).rejects.toThrow()
  })

  it('a thread that fails ends the pool, and nobody waits for ever', async () => {
    const threads = [new LocalThread(), new LocalThread()]
    const pool = new ThreadPool(stream.recipe, threads)
    const waiting = [pool.prepare(stream.rawAt(0)), pool.prepare(stream.rawAt(1))]
    threads[1].onerror?.(new Event('error') as ErrorEvent)
    for (const one of waiting) await expect(one).rejects.toThrow('the pool is gone')
    expect(threads.every((thread) => thread.terminated)).toBe(true)
  })
})
