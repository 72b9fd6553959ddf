/** Serves workloads, bundles and the wasm files on localhost, to processes, pages and Python alike. */
import { readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { type LocalServer, serveLocally, TYPES } from './localServer'
import { makeWorkload, packWorkload, type Spec } from './workload'

export interface BenchServer extends LocalServer {
  /** @returns the address of a workload, without `.json` or `.bin` */
  offer(spec: Spec): string
}

/** What lets threads of a page share memory. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
}

/** @param folders where bundles (`/NAME.js`) and wasm files (`/wasm/NAME`) lie */
export async function startServer(folders: { bundles: string; wasm: string }): Promise<BenchServer> {
  const offered = new Map<string, Uint8Array | string>()
  const bodyOf = async (path: string) => {
    if (path === '/') return '<!doctype html><title>bench</title>'
    const known = offered.get(path)
    if (known !== undefined) return known
    const folder = path.startsWith('/wasm/') ? folders.wasm : folders.bundles
    return readFile(join(folder, basename(path)))
  }
  const server = await serveLocally(async (path) => ({
    body: await bodyOf(path),
    headers: { ...ISOLATED, 'content-type': TYPES[extname(path)] ?? 'text/html' },
  }))
  return {
    ...server,
    offer(spec) {
      const key = `/workload-${spec.model}-${spec.shape.join('x')}-${spec.batch}`
      if (!offered.has(`${key}.json`)) {
        const { head, bytes } = packWorkload(makeWorkload(spec))
        offered.set(`${key}.json`, JSON.stringify(head))
        offered.set(`${key}.bin`, bytes)
      }
      return new URL(key, server.address).href
    },
  }
}
