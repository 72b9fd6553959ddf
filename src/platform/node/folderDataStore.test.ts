import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FolderDataStore } from './folderDataStore'
import { withFolderLock } from './folderLock'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basin-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('FolderDataStore', () => {
  it('keeps values under their keys, finds them by their beginning, and leaves no empty folder', async () => {
    const store = new FolderDataStore(join(folder, 'data'))
    expect(await store.keys('')).toEqual([])
    for (const key of ['import/a/1', 'import/ab/1', 'dataset/x']) await store.put(key, Uint8Array.of(1, 2))
    expect(await store.get('import/a/1')).toEqual(Uint8Array.of(1, 2))
    expect(await store.get('import/a/2')).toBeUndefined()
    expect(await store.getRange('import/a/1', 1, 2)).toEqual(Uint8Array.of(2))
    expect(await store.getRange('import/a/1', 1, 9)).toEqual(Uint8Array.of(2))
    expect(await store.getRange('import/a/2', 0, 1)).toBeUndefined()
    expect(await store.keys('import/a/')).toEqual(['import/a/1'])
    await store.remove(['import/a/1', 'never/there'])
    expect(await store.keys('')).toEqual(['dataset/x', 'import/ab/1'])
    expect(await readdir(join(folder, 'data', 'import'))).toEqual(['ab'])
    expect(await store.room()).toBeGreaterThan(0)
  })

  it.each(['../x', 'a/../../x', '/etc/x', 'a//b'])('the key %s never becomes a path', async (key) => {
    await expect(new FolderDataStore(folder).put(key, Uint8Array.of(1))).rejects.toMatchObject({
      code: 'internal',
    })
  })
})

describe('withFolderLock', () => {
  it('lets one in at a time, and takes over from a process that is gone', async () => {
    await withFolderLock(folder, async () => {
      await expect(withFolderLock(folder, async () => {})).rejects.toMatchObject({
        code: 'storage',
        message: expect.stringMatching(`process ${process.pid}`),
      })
    })
    // No process has such a number.
    await writeFile(join(folder, 'import.lock'), '999999999')
    expect(await withFolderLock(folder, async () => 7)).toBe(7)
    expect(await readdir(folder)).toEqual([])
  })
})
