/** Serves a built page compressed, as a web host does, and counts what goes over the wire. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'
import { HEADERS } from '../scripts/headers.mjs'

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
/** The rest is compressed already. */
const COMPRESSED = new Set(['.html', '.js', '.css', '.json', '.svg'])

export async function servePage(folder: string) {
  let bytes = 0
  const server = createServer(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://localhost').pathname
    const file = join(folder, normalize(path === '/' ? '/index.html' : path))
    try {
      const body = await readFile(file)
      const zipped = COMPRESSED.has(extname(file))
      const sent = zipped ? gzipSync(body) : body
      bytes += sent.length
      const type = TYPES[extname(file)] ?? 'application/octet-stream'
      // The headers of `npm start`: they decide on the page's threads.
      response
        .writeHead(200, { ...HEADERS, 'content-type': type, ...(zipped && { 'content-encoding': 'gzip' }) })
        .end(sent)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    /** Bodies so far. */
    bytesSent: () => bytes,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
