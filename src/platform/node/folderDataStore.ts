/** Imported data sets, or kept runs, in a folder: a key is a path below it. */
import { appendFile, open, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { BasinError } from '../../base/errors'
import type { DataStore, RunFiles } from '../../core/ports'
import { diskReason, makeFolder } from './folders'

export class FolderDataStore implements DataStore, RunFiles {
  constructor(readonly root: string) {}

  where(key: string): string {
    return join(this.root, key)
  }

  async append(key: string, bytes: Uint8Array): Promise<void> {
    try {
      makeFolder(dirname(this.#path(key)))
      await appendFile(this.#path(key), bytes)
    } catch (error) {
      throw failed(this.where(key), error)
    }
  }

  /** @throws BasinError `storage` when the file is there and cannot be read */
  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await readFile(this.#path(key)))
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw failed(key, error)
    }
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    try {
      const file = await open(this.#path(key))
      try {
        const { buffer, bytesRead } = await file.read(new Uint8Array(end - start), 0, end - start, start)
        return buffer.subarray(0, bytesRead)
      } finally {
        await file.close()
      }
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw failed(key, error)
    }
  }

  /** Written beside its place and renamed, so that a killed process leaves no half file under a key. */
  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(key)
    const temporary = `${path}.${process.pid}.tmp`
    try {
      makeFolder(dirname(path))
      await writeFile(temporary, bytes)
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      throw failed(key, error)
    }
  }

  async keys(prefix: string): Promise<string[]> {
    const files = await readdir(this.root, { recursive: true, withFileTypes: true }).catch((error) => {
      if (isAbsent(error)) return []
      throw failed(prefix, error)
    })
    return files
      .filter((file) => file.isFile())
      .map((file) => relative(this.root, join(file.parentPath, file.name)).split(sep).join('/'))
      .filter((key) => key.startsWith(prefix))
      .sort()
  }

  async sizes(prefix: string): Promise<Map<string, number>> {
    const sizes = (await this.keys(prefix)).map(async (key): Promise<[string, number][]> => {
      // One that went in between has none.
      const file = await stat(this.#path(key)).catch(() => undefined)
      return file ? [[key, file.size]] : []
    })
    return new Map((await Promise.all(sizes)).flat())
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      await rm(this.#path(key), { force: true }).catch((error) => {
        throw failed(key, error)
      })
    }
    for (const folder of new Set(keys.map((key) => dirname(this.#path(key))))) {
      // Only when nothing is left in it.
      if (folder !== this.root) await rmEmpty(folder)
    }
  }

  /** Free bytes of the disk that the folder is on. */
  async room(): Promise<number | undefined> {
    try {
      makeFolder(this.root)
    } catch {
      // Told by whoever writes.
    }
    const disk = await statfs(this.root).catch(() => undefined)
    return disk && disk.bavail * disk.bsize
  }

  #path(key: string): string {
    // Keys are made of checked names; this is the second lock on the door.
    if (key.split('/').some((part) => part === '..' || part === '') || key.includes('\0')) {
      throw new BasinError('internal', `storage key: a relative path, got ${key}`)
    }
    return join(this.root, ...key.split('/'))
  }
}

async function rmEmpty(folder: string): Promise<void> {
  const left = await readdir(folder).catch(() => ['unreadable'])
  if (left.length === 0) await rm(folder, { recursive: true, force: true })
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function failed(key: string, error: unknown): BasinError {
  const { code } = error as NodeJS.ErrnoException
  const reason = `${key}: ${diskReason(error)}`
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new BasinError('storage-full', reason, 'Free disk space, then import again.')
    : new BasinError('storage', reason, 'Check the permissions of the data folder.')
}
