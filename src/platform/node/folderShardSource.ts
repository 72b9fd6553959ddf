/** Data sets in a folder: `public/datasets` of the repository, or `datasets` of a built page. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BasinError } from '../../base/errors'
import type { ShardSource } from '../../core/ports'

export class FolderShardSource implements ShardSource {
  readonly #root: string

  /** @param root the folder that holds one folder per data set */
  constructor(root: string) {
    this.#root = root
  }

  /** @throws BasinError `data-missing` when there is no such file, `storage` when it cannot be read */
  async read(path: string, signal?: AbortSignal): Promise<Uint8Array> {
    const file = join(this.#root, path)
    try {
      return new Uint8Array(await readFile(file, { signal }))
    } catch (error) {
      if (signal?.aborted) throw error
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') {
        throw new BasinError(
          'data-missing',
          `${path}: no such file, looked for ${file}`,
          'Run from a whole copy of the repository, or make the data set again (docs/data.md).',
        )
      }
      throw new BasinError('storage', `${path}: ${message}`, 'Check the permissions of the file.')
    }
  }
}
