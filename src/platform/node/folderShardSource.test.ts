import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FolderShardSource } from './folderShardSource'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basin-'))
  await writeFile(join(folder, 'a.gz'), Uint8Array.of(1, 2, 3))
})
afterAll(() => rm(folder, { recursive: true }))

describe('FolderShardSource', () => {
  it('reads a file as plain bytes', async () => {
    const bytes = await new FolderShardSource(folder).read('a.gz')
    expect(bytes).toEqual(Uint8Array.of(1, 2, 3))
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
  })

  it.each(['b.gz', 'a.gz/c.gz'])(
    '%s is missing, and the message says where it was looked for',
    async (path) => {
      await expect(new FolderShardSource(folder).read(path)).rejects.toMatchObject({
        code: 'data-missing',
        message: `${path}: no such file, looked for ${join(folder, path)}`,
      })
    },
  )

  it('a folder in the place of a file', async () => {
    await expect(new FolderShardSource(folder).read('')).rejects.toMatchObject({ code: 'storage' })
  })
})
