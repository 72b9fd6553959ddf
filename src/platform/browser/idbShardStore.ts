/**
 * Verified shards and imported data sets in IndexedDB, one record per key. Where IndexedDB is missing or refused (some
 * private windows, blocked site data) nothing is here, and a put says so.
 */
import type { DBSchema, IDBPDatabase } from 'idb'
import type { DataStore } from '../../core/ports'
import { beginningWith, Database, isFull, own, settled, storageError, unavailable } from './database'

const SHARDS = 'shards'

interface Schema extends DBSchema {
  /** A Blob is on disk and can be read in part; bytes where Blobs are refused. */
  [SHARDS]: { key: string; value: Blob | Uint8Array }
}

/** Blobs at hand: asking the database for one costs as much as reading an image of it. */
const HANDLES = 512

export class IdbShardStore implements DataStore {
  readonly #database = new Database<Schema>('basin', 1, (database) => {
    database.createObjectStore(SHARDS)
  })
  /** False once bytes were taken where a Blob was refused. */
  #takesBlobs = true
  /** By last use. */
  readonly #handles = new Map<string, Blob>()

  /** @throws BasinError `storage` when the record cannot be read */
  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#database.read<Uint8Array | undefined>(key, undefined, async (database) => {
      const value = await database.get(SHARDS, key)
      return value instanceof Blob ? new Uint8Array(await value.arrayBuffer()) : value
    })
  }

  /** @throws BasinError `storage` when the record cannot be read */
  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    const database = await this.#database.open()
    if (!database) return undefined
    try {
      const value = this.#handles.get(key) ?? (await database.get(SHARDS, key))
      if (!(value instanceof Blob)) return value?.slice(start, end)
      this.#handles.delete(key)
      this.#handles.set(key, value)
      if (this.#handles.size > HANDLES) this.#handles.delete(this.#handles.keys().next().value as string)
      return new Uint8Array(await value.slice(start, end).arrayBuffer())
    } catch (error) {
      this.#handles.delete(key)
      throw storageError(key, error)
    }
  }

  /**
   * One transaction: all of it or nothing. WebKit's private windows refuse Blobs, each version with an error of its own
   * (UnknownError, DataCloneError …), so whatever was no lack of room is tried again with bytes.
   * @throws BasinError `storage-full`, `storage`
   */
  async put(key: string, bytes: Uint8Array): Promise<void> {
    const database = await this.#database.open()
    if (!database) throw unavailable(key)
    const kept = own(bytes)
    this.#handles.delete(key)
    try {
      if (this.#takesBlobs) {
        const refusal = await refusalOf(write(database, key, new Blob([kept as Uint8Array<ArrayBuffer>])))
        if (refusal === undefined) return
        if (isFull(refusal)) throw refusal
      }
      await write(database, key, kept)
      this.#takesBlobs = false
    } catch (error) {
      throw storageError(key, error)
    }
  }

  /** @throws BasinError `storage` */
  async keys(prefix: string): Promise<string[]> {
    return this.#database.read<string[]>(prefix, [], (database) =>
      database.getAllKeys(SHARDS, beginningWith(prefix)),
    )
  }

  /** One transaction: all of them or none. @throws BasinError `storage` */
  async remove(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return
    for (const key of keys) this.#handles.delete(key)
    await this.#database.read(keys[0], undefined, async (database) => {
      const transaction = database.transaction(SHARDS, 'readwrite')
      await Promise.all([...keys.map((key) => transaction.store.delete(key)), transaction.done])
    })
  }
}

async function write(database: IDBPDatabase<Schema>, key: string, value: Blob | Uint8Array): Promise<void> {
  const transaction = database.transaction(SHARDS, 'readwrite')
  await settled(transaction, [transaction.store.put(value, key)])
}

const refusalOf = (writing: Promise<void>): Promise<unknown> =>
  writing.then(
    () => undefined,
    (error) => error ?? new Error('refused'),
  )
