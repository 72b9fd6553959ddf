import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { deleteDB, openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadDataset } from '../../core/data/loadDataset'
import { MapStore, TinySource } from '../../core/data/tiny.testing'
import { IdbShardStore } from './idbShardStore'
import { ShardCache } from './shardCache'

const config = {
  dataset: 'fashion_mnist',
  num_train_examples: null,
  label_noise: 0,
  run_seed: 0,
  use_test_set: true,
} as const

beforeEach(() => vi.stubGlobal('indexedDB', new IDBFactory()))
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** The next `put` fails as Chromium's does: the request ends in an error, the transaction aborts. */
function fullDisk() {
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('Encountered full disk while opening backing store.', 'QuotaExceededError')
  })
}

/** `put` as WebKit's in a private window: Blobs are refused, and all else too where `bytes` names an error. */
function refuseBlobs(blobs: string, bytes?: string) {
  const put = IDBObjectStore.prototype.put
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
    const name = value instanceof Blob ? blobs : bytes
    if (name) throw new DOMException('Error preparing Blob/File data to be stored in object store', name)
    return put.call(this, value, key)
  })
}

describe('IdbShardStore', () => {
  it('keeps bytes from one visit to the next', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i)
    await new IdbShardStore().put('a', bytes)
    const later = new IdbShardStore()
    expect(await later.get('a')).toEqual(bytes)
    expect(await later.get('b')).toBeUndefined()
  })

  it('hands out a part of a value, of plain bytes of older visits too', async () => {
    const store = new IdbShardStore()
    await store.put(
      'a',
      Uint8Array.from({ length: 1000 }, (_, i) => i % 251),
    )
    for (const start of [0, 400, 990]) {
      expect(await store.getRange('a', start, start + 10)).toEqual(
        Uint8Array.from({ length: 10 }, (_, i) => (start + i) % 251),
      )
    }
    await store.put('a', Uint8Array.of(7, 8, 9))
    expect(await store.getRange('a', 1, 3)).toEqual(Uint8Array.of(8, 9))
    expect(await store.getRange('b', 0, 1)).toBeUndefined()
    const database = await openDB('basin')
    await database.put('shards', Uint8Array.of(1, 2, 3, 4), 'older')
    database.close()
    expect(await store.getRange('older', 1, 3)).toEqual(Uint8Array.of(2, 3))
    expect(await store.get('older')).toEqual(Uint8Array.of(1, 2, 3, 4))
    await store.remove(['a'])
    expect(await store.getRange('a', 0, 1)).toBeUndefined()
  })

  it('stores a view without the rest of its buffer', async () => {
    const store = new IdbShardStore()
    await store.put('a', new Uint8Array(1000).subarray(10, 13))
    expect((await store.get('a'))?.buffer.byteLength).toBe(3)
  })

  it('full disk: storage-full, and nothing is there afterwards', async () => {
    const store = new IdbShardStore()
    fullDisk()
    await expect(store.put('a', Uint8Array.of(1))).rejects.toMatchObject({ code: 'storage-full' })
    vi.restoreAllMocks()
    expect(await store.get('a')).toBeUndefined()
  })

  it('a disk that fills below the quota, as Chromium tells it, is storage-full', async () => {
    const store = new IdbShardStore()
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('Failed to write blobs (IOError)', 'DataError')
    })
    await expect(store.put('a', Uint8Array.of(1))).rejects.toMatchObject({ code: 'storage-full' })
  })

  it('finds keys by their beginning, and removes several at once', async () => {
    const store = new IdbShardStore()
    for (const key of ['import/a/1', 'import/a/2', 'import/ab/1', 'dataset/x']) {
      await store.put(key, Uint8Array.of(1))
    }
    expect(await store.keys('import/a/')).toEqual(['import/a/1', 'import/a/2'])
    await store.remove(['import/a/1', 'import/ab/1', 'never/there'])
    expect(await store.keys('')).toEqual(['dataset/x', 'import/a/2'])
  })

  it.each([
    ['QuotaExceededError', 'storage-full'],
    ['UnknownError', 'storage'],
  ])('a transaction that ends in %s stores nothing and is %s', async (name, code) => {
    const store = new IdbShardStore()
    const put = IDBObjectStore.prototype.put
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
      const request = put.apply(this, args)
      // What a browser does when it cannot commit; a page has no way to ask for it.
      const internals = this.transaction as unknown as { _abort(errorName: string): void }
      internals._abort(name)
      return request
    })
    await expect(store.put('a', Uint8Array.of(1))).rejects.toMatchObject({ code })
    vi.restoreAllMocks()
    expect(await store.get('a')).toBeUndefined()
  })

  it.each(['UnknownError', 'DataError', 'DataCloneError'])(
    'where Blobs are refused with %s it keeps bytes, from one visit to the next',
    async (name) => {
      refuseBlobs(name)
      const store = new IdbShardStore()
      await store.put('a', new Uint8Array(1000).fill(5).subarray(10, 13))
      await store.put('b', Uint8Array.of(1, 2, 3, 4))
      const later = new IdbShardStore()
      expect((await later.get('a'))?.buffer.byteLength).toBe(3)
      expect(await later.getRange('b', 1, 3)).toEqual(Uint8Array.of(2, 3))
      expect(await later.keys('')).toEqual(['a', 'b'])
    },
  )

  it('where Blobs are refused a full disk is still storage-full, and nothing is there afterwards', async () => {
    const store = new IdbShardStore()
    refuseBlobs('UnknownError', 'QuotaExceededError')
    await expect(store.put('a', Uint8Array.of(1))).rejects.toMatchObject({ code: 'storage-full' })
    vi.restoreAllMocks()
    expect(await store.get('a')).toBeUndefined()
  })

  it.each([
    ['missing', () => void vi.stubGlobal('indexedDB', undefined)],
    [
      'refused',
      () =>
        void vi.spyOn(indexedDB, 'open').mockImplementation(() => {
          throw new DOMException('refused', 'SecurityError')
        }),
    ],
  ])('with IndexedDB %s nothing is here, and a put says so', async (_, without) => {
    without()
    const store = new IdbShardStore()
    expect([await store.get('a'), await store.getRange('a', 0, 1), await store.keys('')]).toEqual([
      undefined,
      undefined,
      [],
    ])
    await store.remove(['a'])
    await expect(store.put('a', Uint8Array.of(1))).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringMatching(/private window/),
      remedy: expect.stringMatching(/Allow site data/),
    })
  })

  it('lets go when the database is deleted or upgraded elsewhere, and comes back', async () => {
    const store = new IdbShardStore()
    await store.put('a', Uint8Array.of(1))
    await deleteDB('basin')
    expect(await store.get('a')).toBeUndefined()
    await store.put('a', Uint8Array.of(2))
    expect(await store.get('a')).toEqual(Uint8Array.of(2))
  })
})

describe('loading through IndexedDB', () => {
  it('fetches once; a damaged record is fetched again', async () => {
    const source = new TinySource()
    const expected = await loadDataset(config, { source, store: new MapStore() }, () => {})
    const load = () => loadDataset(config, { source, store: new IdbShardStore() }, () => {})
    source.reads.length = 0
    expect(await load()).toEqual(expected)
    expect(await load()).toEqual(expected)
    expect(source.shardReads).toHaveLength(4)

    const database = await openDB('basin')
    const [key, other] = await database.getAllKeys('shards')
    await database.put('shards', Uint8Array.of(1, 2, 3), key)
    await database.put('shards', 'not bytes', other)
    database.close()
    expect(await load()).toEqual(expected)
    expect(source.shardReads).toHaveLength(6)
    expect(await load()).toEqual(expected)
    expect(source.shardReads).toHaveLength(6)
  })

  it.each([
    ['a full disk', fullDisk, /no more room/],
    ['a database that takes nothing', () => refuseBlobs('UnknownError', 'UnknownError'), /private window/],
    ['no IndexedDB', () => void vi.stubGlobal('indexedDB', undefined), /private window/],
  ])('%s: the run has its images, fetched once while the tab is open', async (_, trouble, note) => {
    const source = new TinySource()
    const expected = await loadDataset(config, { source, store: new MapStore() }, () => {})
    trouble()
    const store = new ShardCache(new IdbShardStore())
    source.reads.length = 0
    for (let run = 0; run < 2; run++)
      expect(await loadDataset(config, { source, store }, () => {})).toEqual(expected)
    expect(source.shardReads).toHaveLength(4)
    expect(store.note).toMatch(note)
  })

  it('what there is room for is kept for the next visit, the rest for this one', async () => {
    const kept = new MapStore()
    kept.room = 3
    const source = new TinySource()
    const expected = await loadDataset(config, { source, store: new ShardCache(kept) }, () => {})
    expect(kept.kept.size).toBe(3)
    source.reads.length = 0
    const later = new ShardCache(kept)
    expect(later.note).toBeUndefined()
    expect(await loadDataset(config, { source, store: later }, () => {})).toEqual(expected)
    expect(source.shardReads).toHaveLength(1)
  })
})
