/**
 * Kept runs in IndexedDB. A file is a row of parts: a value of any size is written in pieces that the browser takes,
 * and what grows at its end gets one more. Every change is one transaction, so that a file is whole or as it was.
 */

import type { DBSchema, IDBPObjectStore } from 'idb'
import { concat } from '../../base/concat'
import type { RunFiles } from '../../core/ports'
import { beginningWith, Database, isFull, own, settled, storageError, unavailable } from './database'

const FILES = 'files'
const PARTS = 'parts'

interface Schema extends DBSchema {
  [FILES]: { key: string; value: { parts: number; bytes: number } }
  /** [file, which] */
  [PARTS]: { key: [string, number]; value: Uint8Array }
}

type Stores = [typeof FILES, typeof PARTS]
type Store<Name extends Stores[number]> = IDBPObjectStore<Schema, Stores, Name, 'readwrite'>

/** Makes a request of a transaction that is waited for with it. */
type Ask = <T>(request: (files: Store<typeof FILES>, parts: Store<typeof PARTS>) => Promise<T>) => Promise<T>

/** Some browsers refuse values of a few hundred megabytes. */
const PART_BYTES = 2 ** 24

/** A file that grew by this many parts is written anew: reading it asks for every one. */
const MOST_PARTS = 128

export class IdbRunFiles implements RunFiles {
  readonly #database = new Database<Schema>('basin-runs', 1, (database) => {
    database.createObjectStore(FILES)
    database.createObjectStore(PARTS)
  })

  /** @param partBytes the largest part */
  constructor(private readonly partBytes = PART_BYTES) {}

  /** Whether this browser lets the page keep anything. */
  async available(): Promise<boolean> {
    return (await this.#database.open()) !== undefined
  }

  /** @throws BasinError `storage` when the file is there and cannot be read */
  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#database.read(key, undefined, async (database) => {
      const transaction = database.transaction([FILES, PARTS])
      // Both asked for before anything is waited for: one moment of the file.
      const [file, parts] = await Promise.all([
        transaction.objectStore(FILES).get(key),
        transaction.objectStore(PARTS).getAll(partsOf(key)),
      ])
      return file && (parts.length === 1 ? parts[0] : concat(parts))
    })
  }

  /** @throws BasinError `storage-full`, `storage`; what was there stays */
  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#write(key, async (ask) => this.#replace(ask, key, bytes))
  }

  /** @throws BasinError `storage-full`, `storage`; what was there stays */
  async append(key: string, bytes: Uint8Array): Promise<void> {
    await this.#write(key, async (ask) => {
      const file = await ask((files) => files.get(key))
      if (!file) return this.#replace(ask, key, bytes)
      if (file.parts >= MOST_PARTS) {
        const parts = await ask((_, store) => store.getAll(partsOf(key)))
        return this.#replace(ask, key, concat([...parts, bytes]))
      }
      ask((_, parts) => parts.put(own(bytes), [key, file.parts]))
      ask((files) => files.put({ parts: file.parts + 1, bytes: file.bytes + bytes.length }, key))
    })
  }

  /** @throws BasinError `storage` */
  async keys(prefix: string): Promise<string[]> {
    return this.#database.read(prefix, [], (database) => database.getAllKeys(FILES, beginningWith(prefix)))
  }

  /** @throws BasinError `storage` */
  async sizes(prefix: string): Promise<Map<string, number>> {
    return this.#database.read(prefix, new Map<string, number>(), async (database) => {
      const store = database.transaction(FILES).store
      const range = beginningWith(prefix)
      const [keys, files] = await Promise.all([store.getAllKeys(range), store.getAll(range)])
      return new Map(keys.map((key, i) => [key, files[i].bytes]))
    })
  }

  /** @throws BasinError `storage` */
  async remove(keys: readonly string[]): Promise<void> {
    if (keys.length === 0 || !(await this.available())) return
    await this.#write(keys[0], async (ask) => {
      for (const key of keys) {
        ask((files) => files.delete(key))
        ask((_, parts) => parts.delete(partsOf(key)))
      }
    })
  }

  where(key: string): string {
    return key
  }

  #replace(ask: Ask, key: string, bytes: Uint8Array): void {
    const pieces = Math.max(1, Math.ceil(bytes.length / this.partBytes))
    ask((_, parts) => parts.delete(partsOf(key)))
    for (let i = 0; i < pieces; i++) {
      const piece = own(bytes.subarray(i * this.partBytes, (i + 1) * this.partBytes))
      ask((_, parts) => parts.put(piece, [key, i]))
    }
    ask((files) => files.put({ parts: pieces, bytes: bytes.length }, key))
  }

  async #write(key: string, body: (ask: Ask) => Promise<void>): Promise<void> {
    const database = await this.#database.open()
    if (!database) throw unavailable(key)
    try {
      const transaction = database.transaction([FILES, PARTS], 'readwrite')
      const requests: Promise<unknown>[] = []
      try {
        await body((request) => {
          const asked = request(transaction.objectStore(FILES), transaction.objectStore(PARTS))
          requests.push(asked)
          return asked
        })
      } catch (error) {
        // A request that is refused at once leaves those before it to be committed.
        if (!transaction.error) transaction.abort()
        const reason = await settled(transaction, requests).catch((first) => first)
        throw isFull(reason) ? reason : error
      }
      await settled(transaction, requests)
    } catch (error) {
      throw storageError(key, error)
    }
  }
}

const partsOf = (key: string) => IDBKeyRange.bound([key, 0], [key, Number.POSITIVE_INFINITY])
