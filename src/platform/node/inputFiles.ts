/** Files and folders named on the command line, as the importer reads them. */
import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { Readable } from 'node:stream'
import { BasinError } from '../../base/errors'
import type { InputFile } from '../../core/ports'

/** @throws BasinError `data-missing` when a path is not there */
export async function inputFiles(paths: readonly string[]): Promise<InputFile[]> {
  const files: InputFile[] = []
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined)
    if (!found) throw new BasinError('data-missing', `${path}: no such file or folder`)
    if (!found.isDirectory()) {
      files.push(inputFile(path, basename(path), found.size))
      continue
    }
    for (const file of await readdir(path, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue
      const full = join(file.parentPath, file.name)
      const name = [basename(path), ...relative(path, full).split(sep)].join('/')
      files.push(inputFile(full, name, (await stat(full)).size))
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

function inputFile(full: string, path: string, size: number): InputFile {
  const unreadable = (error: unknown) =>
    new BasinError('storage', `${full}: ${(error as Error).message}`, 'Check the file and its permissions.')
  return {
    path,
    size,
    async slice(start, end) {
      const length = Math.max(0, Math.min(end, size) - start)
      const handle = await open(full).catch((error) => {
        throw unreadable(error)
      })
      try {
        const bytes = new Uint8Array(length)
        const { bytesRead } = await handle.read(bytes, 0, length, start)
        return bytes.subarray(0, bytesRead)
      } catch (error) {
        throw unreadable(error)
      } finally {
        await handle.close()
      }
    },
    stream: () =>
      Readable.toWeb(
        createReadStream(full, { highWaterMark: 2 ** 18 }),
      ) as unknown as ReadableStream<Uint8Array>,
  }
}
