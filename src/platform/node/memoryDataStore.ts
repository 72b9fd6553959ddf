/** A DataStore that lasts as long as the process: a folder that is read in place goes through it. */
import type { DataStore } from '../../core/ports'

export class MemoryDataStore implements DataStore {
  readonly #kept = new Map<string, Uint8Array>()

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#kept.get(key)
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    return this.#kept.get(key)?.slice(start, end)
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.#kept.set(key, bytes)
  }

  async keys(prefix: string): Promise<string[]> {
    return [...this.#kept.keys()].filter((key) => key.startsWith(prefix)).sort()
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#kept.delete(key)
  }
}
