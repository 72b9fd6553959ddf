import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MemoryRunFiles } from '../../core/library/memoryFiles.testing'
import { IdbRunFiles } from './idbRunFiles'

beforeEach(() => vi.stubGlobal('indexedDB', new IDBFactory()))
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const bytes = (length: number, first = 0) => Uint8Array.from({ length }, (_, i) => (first + i) % 251)

/** From the `nth` write on, the disk is full: at once, as some browsers say it, or when the transaction ends. */
function fullFrom(nth: number, when: 'at once' | 'at the end') {
  const put = IDBObjectStore.prototype.put
  let writes = 0
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
    if (++writes < nth) return put.apply(this, args)
    if (when === 'at once') throw new DOMException('full', 'QuotaExceededError')
    const request = put.apply(this, args)
    const internals = this.transaction as unknown as { _abort(errorName: string): void }
    internals._abort('QuotaExceededError')
    return request
  })
}

describe('IdbRunFiles', () => {
  it('keeps files from one visit to the next, in parts where they are large', async () => {
    const large = bytes(3005)
    await new IdbRunFiles(1000).put('a/large', large)
    const later = new IdbRunFiles()
    expect(await later.get('a/large')).toEqual(large)
    expect((await later.sizes('a/')).get('a/large')).toBe(3005)
    expect(await later.get('a/none')).toBeUndefined()
    await later.put('a/large', bytes(3))
    expect(await later.get('a/large')).toEqual(bytes(3))
  })

  it('grows at the end, also by more parts than a file is left with', async () => {
    const files = new IdbRunFiles()
    const pieces = Array.from({ length: 300 }, (_, i) => bytes(1 + (i % 7), i))
    for (const piece of pieces) await files.append('a/metrics.csv', piece)
    expect(await files.get('a/metrics.csv')).toEqual(Uint8Array.from(pieces.flatMap((piece) => [...piece])))
  })

  it('is what files in memory are, whatever is done to it', async () => {
    const key = fc.constantFrom('a/1', 'a/2', 'b/1')
    const act = fc.oneof(
      fc.record({ does: fc.constantFrom('put', 'append'), key, bytes: fc.uint8Array({ maxLength: 9 }) }),
      fc.record({ does: fc.constant('remove'), key, bytes: fc.constant(new Uint8Array()) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
        vi.stubGlobal('indexedDB', new IDBFactory())
        const [here, there] = [new IdbRunFiles(), new MemoryRunFiles()]
        for (const files of [here, there]) {
          for (const { does, key, bytes } of acts) {
            if (does === 'put') await files.put(key, bytes)
            else if (does === 'append') await files.append(key, bytes)
            else await files.remove([key])
          }
        }
        expect(await here.keys('a/')).toEqual(await there.keys('a/'))
        expect(await here.sizes('')).toEqual(await there.sizes(''))
        for (const name of ['a/1', 'a/2', 'b/1']) expect(await here.get(name)).toEqual(await there.get(name))
      }),
      { numRuns: 30 },
    )
  })

  it.each([
    [1, 'at once'],
    [2, 'at once'],
    [1, 'at the end'],
    [2, 'at the end'],
  ] as const)(
    'a disk that is full from write %i, told %s: storage-full, and all is as it was',
    async (nth, when) => {
      const files = new IdbRunFiles()
      await files.put('a', bytes(4))
      for (const change of ['put', 'append'] as const) {
        fullFrom(nth, when)
        await expect(files[change]('a', bytes(9, 7))).rejects.toMatchObject({ code: 'storage-full' })
        vi.restoreAllMocks()
        expect(await files.get('a')).toEqual(bytes(4))
        expect(await files.sizes('')).toEqual(new Map([['a', 4]]))
      }
      await files.append('a', bytes(2))
      expect(await files.get('a')).toEqual(Uint8Array.of(0, 1, 2, 3, 0, 1))
    },
  )

  it('stores a view without the rest of its buffer', async () => {
    const files = new IdbRunFiles()
    await files.put('a', bytes(1000).subarray(10, 13))
    expect((await files.get('a'))?.buffer.byteLength).toBe(3)
  })

  it('where nothing can be kept nothing is here, and a write says so', async () => {
    vi.stubGlobal('indexedDB', undefined)
    const files = new IdbRunFiles()
    expect(await files.available()).toBe(false)
    expect(await files.get('a')).toBeUndefined()
    expect(await files.keys('')).toEqual([])
    await files.remove(['a'])
    await expect(files.append('a', bytes(1))).rejects.toMatchObject({ code: 'storage' })
  })
})
