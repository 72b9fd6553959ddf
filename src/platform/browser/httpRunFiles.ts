/** Runs of a folder that the page's server shows (`npm start -- --runs DIR`), read only: they are written elsewhere. */
import { BasinError } from '../../base/errors'
import type { RunFiles } from '../../core/ports'
import { SERVED_RUNS } from '../../core/runs/served'

export class HttpRunFiles implements RunFiles {
  /** @param base where they are served, with a slash at its end: what the page's meta element says */
  constructor(private readonly base: string) {}

  /** @throws BasinError `storage` when the server does not answer */
  async get(key: string): Promise<Uint8Array | undefined> {
    const path = key.split('/').map(encodeURIComponent).join('/')
    const response = await this.#ask(SERVED_RUNS.files + path)
    return response && new Uint8Array(await response.arrayBuffer())
  }

  async keys(prefix: string): Promise<string[]> {
    return [...(await this.sizes(prefix)).keys()].sort()
  }

  /** @throws BasinError `storage` when the server does not answer, or something else does */
  async sizes(prefix: string): Promise<Map<string, number>> {
    const response = await this.#ask(SERVED_RUNS.list)
    const list: unknown = await response?.json().catch(() => undefined)
    if (typeof list !== 'object' || list === null) throw unanswered(this.base, 'no list of files')
    const files = Object.entries(list).filter(
      ([key, size]) => key.startsWith(prefix) && typeof size === 'number',
    )
    return new Map(files as [string, number][])
  }

  /** @throws BasinError `unsupported` */
  async put(key: string): Promise<never> {
    throw readOnly(key)
  }

  /** @throws BasinError `unsupported` */
  async append(key: string): Promise<never> {
    throw readOnly(key)
  }

  /** @throws BasinError `unsupported` */
  async remove(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) throw readOnly(keys[0])
  }

  where(key: string): string {
    return key
  }

  /** @returns undefined for what is not there */
  async #ask(path: string): Promise<Response | undefined> {
    const response = await fetch(this.base + path).catch((error) => {
      throw unanswered(this.base, error instanceof Error ? error.message : String(error))
    })
    if (response.status === 404) return undefined
    if (!response.ok) throw unanswered(this.base, `HTTP ${response.status}`)
    return response
  }
}

const unanswered = (base: string, what: string) =>
  new BasinError(
    'storage',
    `${base}: the server that shows these runs, got ${what}`,
    'Start it again: npm start -- --runs with the folder.',
  )

const readOnly = (key: string) =>
  new BasinError(
    'unsupported',
    `${key}: runs of a served folder are read only`,
    'Export the run and import it into this browser, or change it with npm run runs.',
  )
