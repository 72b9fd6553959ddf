/** A server on localhost that answers by path, and ends at once. */
import { createServer, type OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface LocalServer {
  /** With a slash at its end. */
  address: string
  close(): Promise<void>
}

interface Answer {
  body: Uint8Array | string
  headers: OutgoingHttpHeaders
}

/** @param answer throws where there is nothing at a path */
export async function serveLocally(answer: (path: string) => Promise<Answer>): Promise<LocalServer> {
  const server = createServer(async ({ url = '/' }, response) => {
    try {
      const { body, headers } = await answer(new URL(url, 'http://localhost').pathname)
      response.writeHead(200, headers).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** Of a file, by its ending. */
export const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}
