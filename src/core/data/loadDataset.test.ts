import { beforeEach, describe, expect, it } from 'vitest'
import { BasinError, type ErrorCode } from '../../base/errors'
import { FolderShardSource } from '../../platform/node/folderShardSource'
import { inPlaceShardStore } from '../../platform/node/inPlaceShardStore'
import { DEFAULT_CONFIG } from '../config/schema'
import { datasetInfo } from './catalog/manifests'
import { type DataConfig, type DataProgress, loadDataset } from './loadDataset'
import { selectTraining } from './selection/selection'
import { MapStore, TinySource, tinyShard } from './tiny.testing'

let source: TinySource
let store: MapStore

beforeEach(() => {
  source = new TinySource()
  store = new MapStore()
})

const config = (changes: Partial<DataConfig> = {}): DataConfig => ({
  dataset: 'fashion_mnist',
  num_train_examples: null,
  label_noise: 0,
  run_seed: 0,
  use_test_set: true,
  ...changes,
})

const load = (changes?: Partial<DataConfig>, signal?: AbortSignal, onProgress = (_: DataProgress) => {}) =>
  loadDataset(config(changes), { source, store }, onProgress, signal)

async function expectError(loading: Promise<unknown>, code: ErrorCode, message: RegExp) {
  const error = await loading.then(
    () => undefined,
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(BasinError)
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
  if (code !== 'cancelled') expect((error as BasinError).remedy).toMatch(/\w/)
  // What was kept is whole, and nobody is still at work.
  for (const [key, bytes] of store.kept) {
    const shard = Number(/-(\d)\.gz/.exec(key)![1])
    expect(bytes).toEqual(tinyShard(shard))
  }
  expect(source.inFlight).toBe(0)
}

describe('loadDataset', () => {
  it('gives the selected training images in the selection’s order, and the whole test split', async () => {
    const { train, test } = await load({ num_train_examples: 6, run_seed: 5 })
    const expected = selectTraining([4, 4, 4], 6, 5).flatMap(({ shard, indices }) =>
      Array.from(indices, (index) => ({ first: 40 * shard + 4 * index, label: index % 3 })),
    )
    expect(train.count).toBe(6)
    expected.forEach(({ first, label }, i) => {
      expect([...train.images.subarray(4 * i, 4 * i + 4)]).toEqual([0, 1, 2, 3].map((p) => first + p))
      expect(train.labels[i]).toBe(label)
    })
    expect([...test.images, ...test.labels]).toEqual([...tinyShard(3)])
    expect([...train.wrong, ...test.wrong].every((mark) => mark === 0)).toBe(true)
  })

  it('fetches the shards it needs and no others, and a second time none', async () => {
    await load({ num_train_examples: 3 })
    expect(source.shardReads).toHaveLength(2)
    await load({ num_train_examples: 3 })
    expect(source.shardReads).toHaveLength(2)
    await load()
    expect(source.shardReads).toHaveLength(4)
    expect(new Set(source.shardReads).size).toBe(4)
    expect(store.kept.size).toBe(4)
  })

  it('takes shards that the browser has already unpacked (Content-Encoding: gzip)', async () => {
    const expected = await load()
    for (let s = 0; s < 4; s++)
      source.files.set(`fashion_mnist/${s < 3 ? 'train' : 'test'}-${s}.gz`, tinyShard(s))
    store.kept.clear()
    expect(await load()).toEqual(expected)
  })

  it('label noise: exactly the share of the training labels, none of the test labels', async () => {
    const clean = await load()
    const noisy = await load({ label_noise: 0.4 })
    expect(noisy.train.wrong.reduce((sum, mark) => sum + mark, 0)).toBe(5)
    noisy.train.labels.forEach((label, i) => {
      expect(label !== clean.train.labels[i]).toBe(noisy.train.wrong[i] === 1)
    })
    expect(noisy.train.images).toEqual(clean.train.images)
    expect(noisy.test).toEqual(clean.test)
  })

  it('tells its progress from nothing to everything', async () => {
    const told: DataProgress[] = []
    await load({}, undefined, (progress) => told.push(progress))
    expect(told).toHaveLength(5)
    expect(told[0].bytesDone).toBe(0)
    for (let i = 1; i < 5; i++) expect(told[i].bytesDone).toBeGreaterThan(told[i - 1].bytesDone)
    expect(told[4].bytesDone).toBe(told[4].bytesTotal)
    for (const { label } of told) expect(label).toMatch(/^(train shard [123] of 3|test shard 1 of 1)$/)
  })

  it('use_test_set off: the last training images are evaluated on, and not trained on', async () => {
    const { train, test } = await load({ use_test_set: false })
    expect([train.count, test.count]).toEqual([11, 1])
    expect([...test.images]).toEqual([92, 93, 94, 95])
    const firsts = Array.from({ length: 11 }, (_, i) => train.images[4 * i])
    expect(firsts.sort((a, b) => a - b)).toEqual([0, 4, 8, 12, 40, 44, 48, 52, 80, 84, 88])
    expect(source.shardReads.some((path) => /test/.test(path))).toBe(false)
  })

  it('has only a few shards on their way at a time', async () => {
    source = new TinySource(20)
    await load()
    expect(source.mostInFlight).toBeGreaterThan(1)
    expect(source.mostInFlight).toBeLessThanOrEqual(4)
  })
})

describe('loadDataset, in trouble', () => {
  const path = 'fashion_mnist/train-1.gz'

  it('any flipped byte of a shard: names it, keeps nothing of it, and works once it is mended', async () => {
    const good = source.files.get(path)!
    for (let at = 0; at < good.length; at++) {
      source.files.set(path, good.with(at, good[at] ^ 0x40))
      await expectError(load(), 'data-damaged', /train-1\.gz/)
      expect([...store.kept.keys()].filter((key) => key.includes('train-1'))).toEqual([])
    }
    source.files.set(path, good)
    expect((await load()).train.count).toBe(12)
  })

  it('a shard cut short or empty', async () => {
    const good = source.files.get(path)!
    for (const length of [0, 1, 2, 10]) {
      source.files.set(path, good.subarray(0, length))
      await expectError(load(), 'data-damaged', new RegExp(`train-1\\.gz.*got ${length}`))
    }
  })

  it('a missing shard, a missing manifest', async () => {
    source.files.delete(path)
    await expectError(load(), 'data-missing', /train-1\.gz/)
    source.files.delete('fashion_mnist/manifest.json')
    await expectError(load(), 'data-missing', /manifest\.json/)
  })

  it('a damaged or unreadable copy in the store is fetched again', async () => {
    const expected = await load()
    for (const [key, bytes] of store.kept) store.kept.set(key, bytes.with(3, bytes[3] ^ 1))
    expect(await load()).toEqual(expected)
    expect(source.shardReads).toHaveLength(8)
    store.get = () => Promise.reject(new Error('broken'))
    expect(await load()).toEqual(expected)
    expect(source.shardReads).toHaveLength(12)
  })

  it('cancelled before, between and by the source', async () => {
    const before = new AbortController()
    before.abort()
    await expectError(load({}, before.signal), 'cancelled', /cancelled/)
    const between = new AbortController()
    source.onRead = (asked) => {
      if (asked.endsWith('.gz')) between.abort()
    }
    await expectError(load({}, between.signal), 'cancelled', /cancelled/)
    expect(store.kept.size).toBe(0)
  })

  it.each([
    ['no JSON', () => '<!doctype html>', /a JSON manifest, got "<!doctype html>"/],
    ['a path for a name', (m: TinySource['manifest']) => edit(m, 'file', '../../secret'), /plain file name/],
    [
      'a wrong count',
      (m: TinySource['manifest']) => edit(m, 'count', 5),
      /train shards hold 13 images, not 12/,
    ],
    [
      'a shard too large',
      (m: TinySource['manifest']) => edit(m, 'unpacked', { bytes: 9e6, sha256: '' }),
      /unpacked/,
    ],
  ])('a manifest with %s', async (_, change, message) => {
    const text = change(source.manifest)
    source.files.set('fashion_mnist/manifest.json', new TextEncoder().encode(text))
    await expectError(load(), 'data-damaged', message)
    expect(source.shardReads).toEqual([])
  })

  function edit(manifest: TinySource['manifest'], key: string, value: unknown): string {
    const [first, ...others] = manifest.shards
    return JSON.stringify({ ...manifest, shards: [{ ...first, [key]: value }, ...others] })
  }
})

describe('the bundled Fashion-MNIST', () => {
  const bundled = new FolderShardSource('public/datasets')

  it('loads the first visit’s run', async () => {
    const dataset = await loadDataset(
      { ...DEFAULT_CONFIG, num_train_examples: 5000 },
      { source: bundled, store: inPlaceShardStore },
      () => {},
    )
    expect(dataset.train.images).toHaveLength(5000 * 784)
    expect(dataset.train.wrong.reduce((sum, mark) => sum + mark, 0)).toBe(2000)
    expect(dataset.test.count).toBe(10000)
    expect(dataset.mean).toEqual([0.1307])
    expect(dataset.std).toEqual([0.3081])
  })

  it('tells its shapes and counts without pixels', async () => {
    expect(await datasetInfo('fashion_mnist', { source: bundled, store: inPlaceShardStore })).toMatchObject({
      title: 'Fashion-MNIST',
      height: 28,
      width: 28,
      channels: 1,
      numClasses: 10,
      numTrain: 60000,
      numTest: 10000,
    })
  })
})
