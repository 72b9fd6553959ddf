import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { Endpoint } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { Preparer } from '../../core/data/augment/prepare'
import { BatchStream } from '../../core/data/batches/batchStream'
import { batchThread } from '../../core/data/batches/batchWork'
import { syntheticDataset } from '../../core/session/synthetic.testing'
import { serveBatches, type Thread, ThreadPool } from '../../platform/threadPool'

/** A thread's two ends in one thread, over a real channel: what is sent moves. */
class LocalThread implements Thread {
  readonly endpoint: Endpoint
  terminated = false
  fail: () => void = () => {}
  readonly #ports: MessagePort[]

  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.#ports = [port1, port2]
    this.endpoint = nodeEndpoint(port1)
    serveBatches(
      batchThread(() => Promise.reject(new Error('no pictures here'))),
      nodeEndpoint(port2),
    )
  }

  terminate(): void {
    this.terminated = true
    for (const port of this.#ports) port.close()
  }

  onFailure(failed: () => void): void {
    this.fail = failed
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
    await expect(pool.prepare(stream.rawAt(1))).rejects.toThrow('the pool is gone')
  })

  it('a thread that fails ends the pool, and nobody waits for ever', async () => {
    const threads = [new LocalThread(), new LocalThread()]
    const pool = new ThreadPool(stream.recipe, threads)
    const waiting = [pool.prepare(stream.rawAt(0)), pool.prepare(stream.rawAt(1))]
    threads[1].fail()
    for (const one of waiting) await expect(one).rejects.toThrow('the pool is gone')
    expect(threads.every((thread) => thread.terminated)).toBe(true)
  })
})
