/** Data sets that lie beside the page on its web server. */
import { BasinError } from '../../base/errors'
import type { ShardSource } from '../../core/ports'

export class FetchShardSource implements ShardSource {
  readonly #root: string

  /** @param root absolute address of the folder that holds the data sets, with a slash at its end */
  constructor(root: string) {
    this.#root = root
  }

  /**
   * Shards not through the browser's cache: they are kept in the ShardStore, and a damaged copy must not come back. A
   * manifest is asked for whether it has changed.
   * @throws BasinError `data-missing` when the server is out of reach or has no such file; whatever fetch throws
   * when `signal` aborts
   */
  async read(path: string, signal?: AbortSignal): Promise<Uint8Array> {
    const url = new URL(path, this.#root).href
    try {
      const response = await fetch(url, {
        cache: path.endsWith('/manifest.json') ? 'no-cache' : 'no-store',
        signal,
      })
      if (!response.ok)
        throw missing(path, `${url} answered ${response.status} ${response.statusText}`.trim())
      // A host that answers every address with the page itself says 200 and means 404.
      if (/^text\/html\b/i.test(response.headers.get('Content-Type') ?? '')) {
        throw missing(path, `${url} answered with a web page`)
      }
      return new Uint8Array(await response.arrayBuffer())
    } catch (error) {
      if (error instanceof BasinError || signal?.aborted) throw error
      throw new BasinError(
        'data-missing',
        `${path}: could not be fetched (${error instanceof Error ? error.message : String(error)})`,
        'Check the connection and that the server is still running, then train again.',
      )
    }
  }
}

function missing(path: string, what: string): BasinError {
  return new BasinError(
    'data-missing',
    `${path}: not on the server, ${what}`,
    'Serve the whole built folder, datasets included (npm start does), then train again.',
  )
}
