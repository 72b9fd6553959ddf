import 'fake-indexeddb/auto'
import { readFileSync } from 'node:fs'
import { IDBFactory } from 'fake-indexeddb'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { openRun } from '../../core/library/archive'
import { newestCheckpoint } from '../../core/library/checkpoints'
import { RunDocument } from '../../core/library/document'
import { MemoryRunFiles } from '../../core/library/memoryFiles.testing'
import { readRecord } from '../../core/library/record'
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

/** The database as version 1 made it, by hand: a file's parts, and how many they are. */
async function keptByVersion1(contents: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const opening = indexedDB.open('basin-runs', 1)
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore('files')
    opening.result.createObjectStore('parts')
  }
  await new Promise((resolve) => {
    opening.onsuccess = resolve
  })
  const transaction = opening.result.transaction(['files', 'parts'], 'readwrite')
  for (const [key, bytes] of contents) {
    const half = bytes.length >> 1
    transaction.objectStore('files').put({ parts: 2, bytes: bytes.length }, key)
    transaction.objectStore('parts').put(bytes.slice(0, half), [key, 0])
    transaction.objectStore('parts').put(bytes.slice(half), [key, 1])
  }
  await new Promise((resolve) => {
    transaction.oncomplete = resolve
  })
  opening.result.close()
}

describe('IdbRunFiles', () => {
  it('opens what an earlier version kept, a run with its curves and checkpoint', async () => {
    const zip = new Uint8Array(readFileSync(new URL('goldens/run-of-0.1.0.zip', import.meta.url)))
    const { record, contents } = openRun(zip, 'run.zip')
    await keptByVersion1(new Map([...contents].map(([name, bytes]) => [`${record.id}/${name}`, bytes])))
    const files = new IdbRunFiles()
    const folder = `${record.id}/`
    const document = await RunDocument.open(files, folder)
    expect(document!.record).toMatchObject({ state: 'finished', step: 8, name: 'open-cove-39' })
    const { lines, evaluations } = await document!.curves()
    expect(lines.map(({ row }) => row.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(evaluations.at(-1)?.testErrorRate).toBeCloseTo(0.884, 10)
    const config = readRecord((await files.get(`${folder}run.json`))!, 'run.json').config
    const checkpoint = await newestCheckpoint(files, folder, config, () => {})
    expect(checkpoint).toMatchObject({ step: 8, facts: { finished: true } })
    // What no setting said then is as it was.
    expect({ ...DEFAULT_CONFIG, ...config }).toEqual(config)
  })

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
