import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../config/schema'
import type { Dataset } from '../dataset'
import { BatchFeed, type BatchPool } from './batchFeed'
import { BatchStream } from './batchStream'
import { batchThread } from './batchWork'

const SIDE = 8
const COUNT = 40

function colours(): Dataset {
  const size = SIDE * SIDE * 3
  const images = Uint8Array.from({ length: COUNT * size }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24)
  const labels = Uint8Array.from({ length: COUNT }, (_, i) => i % 10)
  const split = { images, labels, wrong: new Uint8Array(COUNT), count: COUNT }
  return {
    name: 'cifar10',
    height: SIDE,
    width: SIDE,
    channels: 3,
    classNames: Array.from('0123456789'),
    mean: [0.5, 0.4, 0.3],
    std: [0.2, 0.25, 0.3],
    train: split,
    test: split,
  }
}

const config = {
  ...DEFAULT_CONFIG,
  batch_size: 8,
  image_level_augmentations: 'autoaugment',
  batch_level_augmentations: 'mixcut',
  cutout_length: 4,
} as const

/** Threads in this one, that answer after some turns of the event loop; `order` decides after how many. */
function pool(
  stream: BatchStream,
  size: number,
  order: (id: number) => number,
): BatchPool & { asked: number } {
  const thread = batchThread(() => Promise.reject(new Error('no pictures here')))
  // Through a structured clone, as between real threads.
  thread.open(structuredClone(stream.recipe))
  let id = 0
  const self = {
    size,
    asked: 0,
    async prepare(raw: Parameters<BatchPool['prepare']>[0]) {
      self.asked++
      const own = id++
      for (let turns = order(own); turns > 0; turns--) await new Promise((resolve) => setTimeout(resolve))
      return thread.prepare(structuredClone(raw))
    },
    prepareToLookAt: (...stored: Parameters<BatchPool['prepareToLookAt']>) =>
      thread.prepareToLookAt(...structuredClone(stored)),
    dispose() {},
  }
  return self
}

async function run(feed: BatchFeed, from: number, to: number, pause = 0) {
  const batches = []
  for (let step = from; step < to; step++) {
    batches.push(await feed.take(step, 15))
    for (let i = 0; i < pause; i++) await new Promise((resolve) => setTimeout(resolve))
  }
  return batches
}

describe('BatchFeed', () => {
  const dataset = colours()
  const stream = () => new BatchStream(dataset, config)
  const plain = Array.from({ length: 15 }, (_, step) => stream().batchAt(step))

  it.each([
    ['no threads', undefined],
    ['one thread', 1],
    ['four threads', 4],
  ])('%s: the same bits, in epochs one to three', async (_, size) => {
    const own = stream()
    const threads = size === undefined ? undefined : pool(own, size, (id) => (id * 7) % 4)
    const feed = new BatchFeed(own, threads)
    expect(await run(feed, 0, 15, 3)).toEqual(plain)
    expect(threads?.asked ?? 14).toBe(14)
    expect(feed.takeWaited()).toBeGreaterThan(0)
    expect(feed.takeWaited()).toBe(0)
  })

  it('steps may be taken again, or passed over', async () => {
    const own = stream()
    const feed = new BatchFeed(
      own,
      pool(own, 2, () => 1),
    )
    for (const step of [0, 1, 2, 9, 3, 3, 4, 14]) {
      const [batch] = await run(feed, step, step + 1, 2)
      expect(batch).toEqual(plain[step])
    }
  })

  it('does not wait for a thread that has never answered, and goes on without one that fails', async () => {
    const never = () => new Promise<Float32Array>(() => {})
    const silent: BatchPool = { size: 2, prepare: never, prepareToLookAt: never, dispose() {} }
    expect(await run(new BatchFeed(stream(), silent), 0, 5)).toEqual(plain.slice(0, 5))
    let disposed = 0
    const fails = () => Promise.reject(new Error('gone'))
    const failing: BatchPool = {
      size: 2,
      prepare: fails,
      prepareToLookAt: fails,
      dispose: () => disposed++,
    }
    expect(await run(new BatchFeed(stream(), failing), 0, 5, 2)).toEqual(plain.slice(0, 5))
    expect(disposed).toBe(1)
  })
})
