/** Files of runs in memory, for tests; what is to be written next can be refused. */
import type { RunFiles } from '../ports'

export class MemoryRunFiles implements RunFiles {
  readonly files = new Map<string, Uint8Array>()
  /** Met by every write while it is set. */
  refuse: unknown

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.files.get(key)
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.#mayWrite()
    this.files.set(key, bytes.slice())
  }

  async append(key: string, bytes: Uint8Array): Promise<void> {
    this.#mayWrite()
    const before = this.files.get(key) ?? new Uint8Array()
    const whole = new Uint8Array(before.length + bytes.length)
    whole.set(before)
    whole.set(bytes, before.length)
    this.files.set(key, whole)
  }

  async keys(prefix: string): Promise<string[]> {
    return [...this.files.keys()].filter((key) => key.startsWith(prefix)).sort()
  }

  async sizes(prefix: string): Promise<Map<string, number>> {
    return new Map((await this.keys(prefix)).map((key) => [key, this.files.get(key)!.length]))
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.files.delete(key)
  }

  where(key: string): string {
    return key
  }

  #mayWrite(): void {
    if (this.refuse !== undefined) throw this.refuse
  }
}
