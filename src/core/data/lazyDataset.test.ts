import { beforeAll, describe, expect, it } from 'vitest'
import { nodeEncoder } from '../../platform/node/imageCodecs'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import type { DataStore } from '../ports'
import { BatchFeed, type BatchPool } from './batches/batchFeed'
import { BatchStream } from './batches/batchStream'
import { batchThread } from './batches/batchWork'
import { evalBatches } from './batches/evalBatches'
import type { Dataset } from './dataset'
import { decode, fileOf, type Imported, OPTIONS, tar } from './import/import.testing'
import { planImport } from './import/importPlan'
import { runImport } from './import/runImport'
import { surveyInputs } from './import/survey'
import { withInput } from './inputShape'
import { Library, shardKey } from './library'
import { loadDataset } from './loadDataset'
import { all, MapStore, TinySource } from './tiny.testing'

const SIDE = 16
const IMAGE = SIDE * SIDE * 3
const encode = nodeEncoder(process.cwd())

/** Pictures of their own: no two alike. */
const picture = (seed: number) =>
  encode(
    Uint8Array.from({ length: 20 * 20 * 3 }, (_, k) => (seed * 37 + Math.floor(k / 60) * 9 + (k % 60)) % 256),
    20,
  )

/** As ImageNet comes: a tar of one tar a class. */
async function tarOfTars(): Promise<Uint8Array> {
  const classes: Record<string, Uint8Array> = {}
  for (const [c, name] of ['n01', 'n02', 'n03'].entries()) {
    const files: Record<string, Uint8Array> = {}
    for (let i = 0; i < 20; i++) files[`${name}_${i}.JPEG`] = await picture(100 * c + i)
    classes[`${name}.tar`] = await tar(files)
  }
  return tar(classes)
}

/** Says how often it was read. */
class CountingStore extends MapStore implements DataStore {
  ranges = 0
  override getRange(key: string, start: number, end: number) {
    this.ranges++
    return super.getRange(key, start, end)
  }
}

interface Here extends Imported {
  store: CountingStore
}

async function imported(encoding: 'raw' | 'jpeg'): Promise<Here> {
  const store = new CountingStore()
  const inputs = [fileOf('birds.tar', await tarOfTars())]
  const survey = await surveyInputs(inputs, () => {})
  const plan = planImport(survey, { ...OPTIONS, imageSize: SIDE, name: 'birds', encoding })
  const library = new Library(store)
  const ports = { library, decode, encode, room: async () => undefined }
  return { store, library, record: await runImport(inputs, survey, plan, ports, () => {}) }
}

const config: RunConfig = {
  ...DEFAULT_CONFIG,
  dataset: 'birds',
  batch_size: 6,
  image_level_augmentations: 'autoaugment',
  batch_level_augmentations: 'mixcut',
  cutout_length: 6,
}

/** @param cache images that stay in memory; @param memory bytes that a run may hold */
function load(here: Here, cache: number, memory: number, changes: Partial<RunConfig> = {}): Promise<Dataset> {
  const library = new Library(here.store, cache * IMAGE)
  const ports = { source: new TinySource(), store: new MapStore(), library, decode, memoryBytes: memory }
  return loadDataset(
    { ...config, num_train_examples: null, label_noise: 0.2, use_test_set: true, ...changes },
    ports,
    () => {},
  )
}

function pool(stream: BatchStream, size: number): BatchPool {
  const thread = batchThread(decode)
  thread.open(structuredClone(stream.recipe))
  return {
    size,
    prepare: (raw) => thread.prepare(structuredClone(raw)),
    prepareToLookAt: (stored, count) => thread.prepareToLookAt(structuredClone(stored), count),
    dispose() {},
  }
}

let raw: Here
let jpeg: Here
beforeAll(async () => {
  raw = await imported('raw')
  jpeg = await imported('jpeg')
})

describe('a set larger than memory', () => {
  it.each([0, 3, 1000])('gives the batches of one in memory, with a cache of %i images', async (cache) => {
    const whole = await load(raw, 0, 2 ** 31)
    const lazy = await load(raw, cache, 10 * IMAGE)
    expect([whole.train.images.length, whole.train.lazy]).toEqual([54 * IMAGE, undefined])
    expect([lazy.train.images.length, lazy.train.count, lazy.test.count]).toEqual([0, 54, 6])
    expect(lazy.train.labels).toEqual(whole.train.labels)
    const inMemory = new BatchStream(whole, config)
    const stream = new BatchStream(lazy, config)
    for (const step of [0, 1, 8, 9, 17, 3]) expect(await stream.make(step)).toEqual(inMemory.batchAt(step))
    expect(await all(evalBatches(lazy, 'test', 4))).toEqual(await all(evalBatches(whole, 'test', 4)))
  })

  it.each([1, 3])(
    'evaluations in %i threads see the same, and go on without those that are lost',
    async (size) => {
      for (const here of [raw, jpeg]) {
        const lazy = await load(here, 4, 10 * IMAGE)
        const larger = withInput(lazy, { ...config, input_size: 24 })
        for (const dataset of [lazy, larger]) {
          const alone = await all(evalBatches(dataset, 'test', 2))
          const threads = pool(new BatchStream(dataset, config), size)
          let looked = 0
          const counting = {
            size,
            prepareToLookAt: (...stored: Parameters<BatchPool['prepareToLookAt']>) => {
              // Whatever the first threads did, the third is lost.
              if (++looked === 3) return Promise.reject(new Error('gone'))
              return threads.prepareToLookAt(...stored)
            },
          }
          expect(await all(evalBatches(dataset, 'test', 2, undefined, counting))).toEqual(alone)
          expect(looked).toBe(3)
          const some = Uint32Array.of(5, 1, 4)
          const chosen = await all(evalBatches(dataset, 'test', 2, some, threads))
          expect(chosen).toEqual(await all(evalBatches(dataset, 'test', 2, some)))
        }
      }
    },
  )

  it.each([1, 3])('threads and batches ahead change nothing (%i)', async (size) => {
    const inMemory = new BatchStream(await load(raw, 0, 2 ** 31), config)
    for (const here of [raw, jpeg]) {
      const stream = new BatchStream(await load(here, 4, 10 * IMAGE), config)
      const alone = new BatchStream(await load(here, 1000, 10 * IMAGE), config)
      const feed = new BatchFeed(stream, pool(stream, size))
      for (let step = 0; step < 12; step++) {
        const batch = await feed.take(step, 18)
        expect(batch).toEqual(here === raw ? inMemory.batchAt(step) : await alone.make(step))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
  })

  it('keeps no more in memory than its bound, and reads again what it let go', async () => {
    const library = new Library(raw.store, 7 * IMAGE + 5)
    const { reader } = (await library.open('birds'))!
    const before = raw.store.ranges
    for (let round = 0; round < 2; round++) {
      for (let image = 0; image < 60; image += 4) {
        await reader!.read([image, image + 1, image + 2, image + 3])
        expect(reader!.cachedBytes).toBeLessThanOrEqual(7 * IMAGE + 5)
      }
    }
    expect(raw.store.ranges - before).toBe(120)
    await reader!.read([59, 58, 57])
    expect(raw.store.ranges - before).toBe(120)
  })

  it('a subset and a hold-out are those of memory', async () => {
    const changes = { num_train_examples: 20, use_test_set: false, run_seed: 3 }
    const whole = await load(raw, 0, 2 ** 31, changes)
    const lazy = await load(raw, 2, IMAGE, changes)
    const order = Uint32Array.from({ length: 20 }, (_, i) => i)
    expect(await lazy.train.lazy?.pixels(order)).toEqual(whole.train.images)
    expect(lazy.train.labels).toEqual(whole.train.labels)
    expect(lazy.test.labels).toEqual(whole.test.labels)
  })

  it('an image that was changed in storage is found out before it is trained on', async () => {
    const here = await imported('raw')
    const [shard] = here.record.manifest.shards
    const key = shardKey(here.record.import_id, shard.file)
    here.store.kept.get(key)![3 * IMAGE] ^= 1
    const stream = new BatchStream(await load(here, 4, IMAGE), config)
    const feed = new BatchFeed(stream, pool(stream, 2))
    const epoch = async () => {
      for (let step = 0; step < 9; step++) await feed.take(step, 18)
    }
    await expect(epoch()).rejects.toMatchObject({ code: 'data-damaged', message: /image 3 .*CRC-32/ })
    here.store.kept.delete(key)
    await expect(new BatchStream(await load(here, 4, IMAGE), config).make(0)).rejects.toMatchObject({
      code: 'data-missing',
    })
  })

  it('a list of images that was changed is refused', async () => {
    const here = await imported('raw')
    const key = shardKey(here.record.import_id, 'index-00000.bin')
    here.store.kept.get(key)![0] ^= 1
    await expect(load(here, 4, IMAGE)).rejects.toMatchObject({ code: 'data-damaged' })
  })
})

describe('a set stored as JPEGs', () => {
  it('is smaller, whole, and its pixels are those of its files', async () => {
    const bytes = (here: Here) =>
      here.record.manifest.shards.reduce((sum, { unpacked }) => sum + unpacked.bytes, 0)
    expect(bytes(jpeg)).toBeLessThan(bytes(raw))
    const [ofFiles, ofPixels] = [await load(jpeg, 9, 2 ** 31), await load(raw, 9, 2 ** 31)]
    // Few as they are, files are decoded when they are needed.
    expect(ofFiles.train.lazy).toBeDefined()
    expect(ofFiles.train.labels).toEqual(ofPixels.train.labels)
    const order = Uint32Array.from({ length: 54 }, (_, i) => i)
    const pixels = await ofFiles.train.lazy!.pixels(order)
    // Encoded at quality 95: near, and not the same.
    const off = pixels.reduce((sum, value, k) => sum + Math.abs(value - ofPixels.train.images[k]), 0)
    expect(off / pixels.length).toBeLessThan(12)
    expect(off).toBeGreaterThan(0)
  })

  it('goes through the pipeline of photographs', async () => {
    const changes = { dataset: 'birds', input_size: 8 } as const
    const [whole, lazy] = [await load(raw, 0, 2 ** 31), await load(raw, 2, IMAGE)].map((dataset) =>
      withInput({ ...dataset, name: 'imagenet' }, { ...config, ...changes }),
    )
    const plain = { ...config, batch_level_augmentations: 'none' } as const
    expect(await new BatchStream(lazy, plain).make(4)).toEqual(new BatchStream(whole, plain).batchAt(4))
    expect(await all(evalBatches(lazy, 'test', 5))).toEqual(await all(evalBatches(whole, 'test', 5)))
  })
})
