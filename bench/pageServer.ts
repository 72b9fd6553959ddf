/** Serves a built page compressed, as a web host does, and counts what goes over the wire. */
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'
import { HEADERS } from '../scripts/headers.mjs'
import { type LocalServer, serveLocally, TYPES } from './localServer'

/** The rest is compressed already. */
const COMPRESSED = new Set(['.html', '.js', '.css', '.json', '.svg'])

export async function servePage(folder: string): Promise<LocalServer & { bytesSent(): number }> {
  let bytes = 0
  const server = await serveLocally(async (path) => {
    const file = join(folder, normalize(path === '/' ? '/index.html' : path))
    const zipped = COMPRESSED.has(extname(file))
    const body = zipped ? gzipSync(await readFile(file)) : await readFile(file)
    bytes += body.length
    const type = TYPES[extname(file)] ?? 'application/octet-stream'
    // The headers of `npm start`: they decide on the page's threads.
    const headers = { ...HEADERS, 'content-type': type, ...(zipped && { 'content-encoding': 'gzip' }) }
    return { body, headers }
  })
  return {
    ...server,
    /** Bodies so far. */
    bytesSent: () => bytes,
  }
}
