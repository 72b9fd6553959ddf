import { beforeEach, describe, expect, it } from 'vitest'
import { bringBack, dispose, foldersAside, putAside } from './aside'
import { listRuns } from './listing'
import { MemoryRunFiles } from './memoryFiles.testing'
import { writeRecord } from './record'
import { record } from './run.testing'

let files: MemoryRunFiles
beforeEach(async () => {
  files = new MemoryRunFiles()
  await files.put('a/run.json', writeRecord(record))
  await files.put('a/metrics.csv', new Uint8Array([1]))
})
const names = async () => (await listRuns(files)).runs.map(({ folder }) => folder)

describe('a run that is put aside', () => {
  it('is listed no more, and again when it is brought back, the same to the bit', async () => {
    const before = new Map(files.files)
    await putAside(files, 'a/')
    expect(await names()).toEqual([])
    expect(await foldersAside(files)).toEqual(['a/'])
    expect(await bringBack(files, 'a/')).toBe(true)
    expect(await names()).toEqual(['a/'])
    expect(new Map([...files.files].sort())).toEqual(new Map([...before].sort()))
  })

  it('goes when it is disposed of, and cannot be brought back', async () => {
    await putAside(files, 'a/')
    await dispose(files, 'a/')
    expect(files.files.size).toBe(0)
    expect(await bringBack(files, 'a/')).toBe(false)
  })

  it('stays as long as its record does: whoever ended between two writes loses nothing', async () => {
    const [kept] = [files.files.get('a/run.json')!]
    await putAside(files, 'a/')
    // As a deletion that came half way, or an undo that did.
    await files.put('a/run.json', kept)
    await dispose(files, 'a/')
    expect(await names()).toEqual(['a/'])
    expect(await foldersAside(files)).toEqual([])
  })

  it('twice is the same as once', async () => {
    await putAside(files, 'a/')
    await putAside(files, 'a/')
    await bringBack(files, 'a/')
    expect(await names()).toEqual(['a/'])
  })

  it('may be what is left of one without a record', async () => {
    await files.put('c/metrics.csv', new Uint8Array([1]))
    await putAside(files, 'c/')
    expect(await bringBack(files, 'c/')).toBe(true)
    expect(files.files.has('c/run.json')).toBe(false)
    await putAside(files, 'c/')
    await dispose(files, 'c/')
    expect(await files.keys('c/')).toEqual([])
  })

  it('and was none changes nothing', async () => {
    await putAside(files, 'b/')
    await dispose(files, 'a/')
    expect([...files.files.keys()]).toEqual(['a/run.json', 'a/metrics.csv'])
  })
})
