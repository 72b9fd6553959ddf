import { beforeEach, describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
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

  /** The set `mine`, of import a, under a record that was cut. */
  async function damage(keep: (text: string) => string): Promise<void> {
    await library.commit(await imported('mine', 'a'))
    const text = new TextDecoder().decode(await store.get('dataset/mine'))
    await store.put('dataset/mine', new TextEncoder().encode(keep(text)))
  }

  it('a damaged record is listed as damaged, and removed with its shards and nothing else', async () => {
    await damage((text) => text.slice(0, 200))
    await library.commit(await imported('other', 'b'))
    expect((await library.list()).map(({ manifest }) => manifest.name)).toEqual(['other'])
    expect(await library.damaged()).toEqual([{ name: 'mine', reason: expect.stringMatching(/mine/) }])
    await expect(load('mine')).rejects.toMatchObject({ code: 'data-damaged' })
    // Another tab imports meanwhile.
    await imported('third', 'at-work')
    await library.remove('mine')
    expect(await library.damaged()).toEqual([])
    expect(await store.keys('import/a/')).toEqual([])
    expect(await store.keys('import/at-work/')).toHaveLength(4)
    expect((await load('other')).train.count).toBe(12)
  })

  it('the sweep goes on beside a damaged record, and keeps the shards that it still names', async () => {
    await damage((text) => text.slice(0, 200))
    await imported('mine', 'killed')
    expect(await library.sweep()).toBe(4)
    expect(await store.keys('import/killed/')).toEqual([])
    expect(await store.keys('import/a/')).toHaveLength(4)
  })

  it.each([
    ['empty', () => ''],
    ['bytes of something else', () => '\u0000PNG'],
    ['a record without its import', () => '{"format":1}'],
  ])('a record that is %s names no shards: they go at the next sweep', async (_, keep) => {
    await damage(keep)
    expect(await library.damaged()).toHaveLength(1)
    expect(await library.sweep()).toBe(4)
    await library.remove('mine')
    expect(await store.keys('')).toEqual([])
  })

  it('a key that is no name of a set is listed too, and stops no sweep', async () => {
    await store.put('dataset/no name', Uint8Array.of(1))
    await imported('mine', 'killed')
    expect((await library.damaged()).map(({ name }) => name)).toEqual(['no name'])
    expect(await library.sweep()).toBe(4)
    await library.remove('no name')
    expect(await store.keys('')).toEqual([])
  })

  it('a record that the store fails to read is listed, and its shards are not swept away', async () => {
    await library.commit(await imported('mine', 'a'))
    await library.commit(await imported('other', 'b'))
    const get = store.get.bind(store)
    store.get = (key) =>
      key === 'dataset/mine' ? Promise.reject(new BasinError('storage', 'unreadable')) : get(key)
    expect(await library.damaged()).toEqual([{ name: 'mine', reason: 'unreadable' }])
    expect(await library.sweep()).toBe(0)
    await library.remove('mine')
    expect(await library.damaged()).toEqual([])
    expect(await library.sweep()).toBe(4)
    expect((await load('other')).train.count).toBe(12)
  })

  it('a set is known, and removed, by the name of its record', async () => {
    await library.commit(await imported('mine', 'a'))
    await store.put('dataset/renamed', (await store.get('dataset/mine'))!)
    await store.remove(['dataset/mine'])
    expect((await library.list()).map(({ manifest }) => manifest.name)).toEqual(['renamed'])
    await library.remove('renamed')
    expect(await store.keys('')).toEqual([])
  })
})
