/** Serves workloads, bundles and the wasm files on localhost, to processes, pages and Python alike. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, extname, join } from 'node:path'
import { makeWorkload, packWorkload, type Spec } from './workload'

export interface BenchServer {
  /** With a slash at its end. */
  address: string
  /** @returns the address of a workload, without `.json` or `.bin` */
  offer(spec: Spec): string
  close(): Promise<void>
}

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.html': 'text/html',
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
  const server = createServer(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://localhost').pathname
    try {
      const body = await bodyOf(path)
      const type = { 'content-type': TYPES[extname(path)] ?? 'text/html' }
      response.writeHead(200, { ...ISOLATED, ...type }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  const bodyOf = async (path: string) => {
    if (path === '/') return '<!doctype html><title>bench</title>'
    const known = offered.get(path)
    if (known !== undefined) return known
    const folder = path.startsWith('/wasm/') ? folders.wasm : folders.bundles
    return readFile(join(folder, basename(path)))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    address,
    offer(spec) {
      const key = `/workload-${spec.model}-${spec.shape.join('x')}-${spec.batch}`
      if (!offered.has(`${key}.json`)) {
        const { head, bytes } = packWorkload(makeWorkload(spec))
        offered.set(`${key}.json`, JSON.stringify(head))
        offered.set(`${key}.bin`, bytes)
      }
      return new URL(key, address).href
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
