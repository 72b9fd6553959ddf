/**
 * Shards that can be fetched again: what the browser does not keep stays in memory until the tab closes. Too small a
 * quota, a full disk or a refused database is then no reason not to train.
 */
import { BasinError } from '../../base/errors'
import type { ShardStore } from '../../core/ports'

const EVERY_VISIT = 'images that it does not keep are fetched again at every visit.'

export class ShardCache implements ShardStore {
  readonly #memory = new Map<string, Uint8Array>()
  #refusal: BasinError | undefined

  /** @param kept what lasts from visit to visit; its put may throw */
  constructor(private readonly kept: ShardStore) {}

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#memory.get(key) ?? (await this.kept.get(key))
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.kept.put(key, bytes)
      this.#memory.delete(key)
    } catch (error) {
      if (!(error instanceof BasinError)) throw error
      this.#refusal = error
      this.#memory.set(key, bytes)
    }
  }

  /** What the last refusal means to a person; undefined while everything is kept. */
  get note(): string | undefined {
    if (!this.#refusal) return undefined
    return this.#refusal.code === 'storage-full'
      ? `This browser has no more room for this page: ${EVERY_VISIT}`
      : `This browser does not let the page keep everything (a private window, or site data is blocked): ${EVERY_VISIT}`
  }
}
