/** Points of planes in the folder of a measure: the same command again, or a finer one, goes on where it was ended. */
import { join } from 'node:path'
import type { PointStore } from '../../core/landscape/measures/pointStore'
import { FolderDataStore } from '../../platform/node/folderDataStore'

export class KnownPoints implements PointStore {
  readonly #files: FolderDataStore
  #writing: Promise<void> = Promise.resolve()

  /** @param folder that is made when there is something to keep */
  constructor(
    folder: string,
    readonly device: string,
  ) {
    this.#files = new FolderDataStore(join(folder, 'points'))
  }

  read(_: string, plane: string): Promise<Uint8Array | undefined> {
    return this.#files.get(`${plane}.bin`)
  }

  append(_: string, plane: string, bytes: Uint8Array): void {
    this.#behind(() => this.#files.append(`${plane}.bin`, bytes))
  }

  put(_: string, plane: string, bytes: Uint8Array): void {
    this.#behind(() => this.#files.put(`${plane}.bin`, bytes))
  }

  /** @throws BasinError `storage` where something could not be written */
  written(): Promise<void> {
    return this.#writing
  }

  #behind(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write)
    // Told by whoever waits for it.
    this.#writing.catch(() => {})
  }
}
