/** An IndexedDB database that several tabs share, and what its failures are called. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { BasinError } from '../../base/errors'

export class Database<Schema extends DBSchema> {
  #opened: Promise<IDBPDatabase<Schema> | undefined> | undefined

  constructor(
    private readonly name: string,
    private readonly version: number,
    private readonly upgrade: (database: IDBPDatabase<Schema>, from: number) => void,
  ) {}

  /** Undefined where IndexedDB is missing or refused (some private windows, blocked site data). */
  open(): Promise<IDBPDatabase<Schema> | undefined> {
    this.#opened ??= this.#connect().catch(() => undefined)
    return this.#opened
  }

  /**
   * What `body` reads; `nothing` where there is no database.
   * @throws BasinError `storage` naming the key
   */
  async read<T>(key: string, nothing: T, body: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    const database = await this.open()
    if (!database) return nothing
    try {
      return await body(database)
    } catch (error) {
      throw storageError(key, error)
    }
  }

  #connect(): Promise<IDBPDatabase<Schema>> {
    const reopen = () => {
      this.#opened = undefined
    }
    return new Promise((resolve, reject) => {
      const opening = openDB<Schema>(this.name, this.version, {
        upgrade: (database, from) => this.upgrade(database, from),
        // Another tab holds an older version open and does not let go.
        blocked: () => reject(new Error('blocked by another tab')),
        // Another tab wants a newer version, or the browser has closed the database: let go, open again when needed.
        blocking: (_current, _wanted, event) => {
          ;(event.target as IDBDatabase).close()
          reopen()
        },
        terminated: reopen,
      })
      opening.then(resolve, reject)
    })
  }
}

export const beginningWith = (prefix: string) => IDBKeyRange.bound(prefix, `${prefix}\uffff`)

/** A view would be stored with the whole of its buffer. */
export const own = (bytes: Uint8Array) =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()

/**
 * Waits for the requests of a transaction and for its end. A full disk may show in a request, or only when the
 * transaction ends; then the request says no more than that it was aborted.
 */
export async function settled(
  transaction: { readonly done: Promise<void>; readonly error: DOMException | null },
  requests: readonly Promise<unknown>[],
): Promise<void> {
  const outcomes = await Promise.allSettled([...requests, transaction.done])
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  if (failures.length > 0) throw [transaction.error, ...failures].find(isFull) ?? failures[0]
}

/**
 * Chromium and Safari say the first, Firefox has said the second. A disk that fills below its quota is the third in
 * Chromium (tried on a small file system): large values are written beside the database, and the write fails.
 */
export function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return /^QuotaExceededError$|QUOTA_REACHED/.test(error.name) || /Failed to write blobs/.test(error.message)
}

export const unavailable = (key: string) =>
  new BasinError(
    'storage',
    `${key}: this browser lets the page keep nothing (a private window, or site data is blocked)`,
    'Allow site data for this page, or open it in a window that is not private; then try again.',
  )

export function storageError(key: string, error: unknown): BasinError {
  if (error instanceof BasinError) return error
  const what = error instanceof Error ? `${error.name} ${error.message}`.trim() : String(error)
  return isFull(error)
    ? new BasinError('storage-full', `${key}: no room, ${what}`, 'Free disk space, then try again.')
    : new BasinError('storage', `${key}: IndexedDB failed, ${what}`, 'Reload the page and try again.')
}
