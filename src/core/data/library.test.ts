import { beforeEach, describe, expect, it } from 'vitest'
import { Library, type StoredDataset, shardKey, storedBytes } from './library'
import { loadDataset } from './loadDataset'
import { MapStore, TinySource, tinyShard } from './tiny.testing'

let store: MapStore
let library: Library

beforeEach(() => {
  store = new MapStore()
  library = new Library(store)
})

/** The tiny set as an import leaves it. */
async function imported(name: string, id: string): Promise<StoredDataset> {
  const { manifest } = new TinySource()
  const shards = manifest.shards.map((shard) => ({ ...shard, packed: shard.unpacked }))
  for (const [s, { file }] of shards.entries()) await store.put(shardKey(id, file), tinyShard(s))
  return {
    format: 1,
    import_id: id,
    manifest: { ...manifest, name, shards },
    origin: ['tiny.tar.gz'],
    imported_at: '2026-01-01T00:00:00Z',
    verification: 'unknown',
    verification_note: '',
    skipped: [],
    num_skipped: 0,
  }
}

const config = { num_train_examples: null, label_noise: 0, run_seed: 0, use_test_set: true }
const load = (dataset: string) =>
  loadDataset({ ...config, dataset }, { source: new TinySource(), store: new MapStore(), library }, () => {})

describe('Library', () => {
  it('a set is there once its record is, and is trained on', async () => {
    const record = await imported('mine', 'a')
    expect(await library.list()).toEqual([])
    await expect(load('mine')).rejects.toMatchObject({
      code: 'data-missing',
      remedy: expect.stringMatching(/import/i),
    })
    await library.commit(record)
    expect(await library.list()).toEqual([record])
    expect(storedBytes(record)).toBe(4 * 20)
    const dataset = await load('mine')
    expect([dataset.train.count, dataset.test.count]).toEqual([12, 4])
    expect([...dataset.test.images]).toEqual([...tinyShard(3).subarray(0, 16)])
  })

  it('sweep removes what no record names and nothing else', async () => {
    await library.commit(await imported('mine', 'a'))
    await imported('mine', 'killed')
    await store.put('fashion_mnist/train-00/abc', Uint8Array.of(1))
    expect(await library.sweep()).toBe(4)
    expect(await store.keys('')).toHaveLength(1 + 4 + 1)
    expect((await load('mine')).train.count).toBe(12)
  })

  it('a second import of a set replaces the first', async () => {
    await library.commit(await imported('mine', 'a'))
    await library.commit(await imported('mine', 'b'))
    expect((await library.list()).map(({ import_id }) => import_id)).toEqual(['b'])
    expect(await store.keys('import/a/')).toEqual([])
    expect((await load('mine')).train.count).toBe(12)
  })

  it('remove takes all of one set and none of another', async () => {
    await library.commit(await imported('mine', 'a'))
    await library.commit(await imported('other', 'b'))
    await library.remove('mine')
    expect(await store.keys('')).toHaveLength(5)
    expect((await load('other')).train.count).toBe(12)
  })

  it('a damaged or missing shard is named with its remedy', async () => {
    await library.commit(await imported('mine', 'a'))
    const key = shardKey('a', 'train-1.gz')
    const good = (await store.get(key))!
    await store.put(key, good.with(3, 99))
    await expect(load('mine')).rejects.toMatchObject({ code: 'data-damaged', message: /mine\/train-1/ })
    await store.remove([key])
    await expect(load('mine')).rejects.toMatchObject({ code: 'data-missing', message: /mine\/train-1/ })
  })

  it('a damaged record hides its set, says so when asked, and keeps its shards until removed', async () => {
    await library.commit(await imported('mine', 'a'))
    await store.put('dataset/mine', new TextEncoder().encode('{"format":1}'))
    expect(await library.list()).toEqual([])
    await expect(load('mine')).rejects.toMatchObject({ code: 'data-damaged' })
    expect(await library.sweep()).toBe(0)
    await library.remove('mine')
    expect(await store.keys('')).toEqual([])
  })
})
