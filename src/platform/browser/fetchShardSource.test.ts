import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FetchShardSource } from './fetchShardSource'

const packed = gzipSync(Uint8Array.of(1, 2, 3))
let server: Server
let source: FetchShardSource

beforeAll(async () => {
  server = createServer((request, response) => {
    const page = { 'Content-Type': 'text/html; charset=utf-8' }
    if (request.url === '/sub/datasets/a.gz') response.end(packed)
    else if (request.url === '/sub/datasets/encoded.gz') {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(packed)
    } else if (request.url === '/sub/datasets/spa.gz') response.writeHead(200, page).end('<!doctype html>')
    else if (request.url === '/sub/datasets/cut.gz') {
      response.writeHead(200, { 'Content-Length': '1000' }).write('begun')
      setTimeout(() => response.destroy(), 20)
    } else if (request.url !== '/sub/datasets/slow.gz') response.writeHead(404, page).end('no')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  source = new FetchShardSource(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sub/datasets/`)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe('FetchShardSource', () => {
  it('reads below the page’s folder, packed or unpacked as the host likes', async () => {
    expect([...gunzipSync(await source.read('a.gz'))]).toEqual([1, 2, 3])
    expect([...(await source.read('encoded.gz'))]).toEqual([1, 2, 3])
  })

  it.each([
    ['gone.gz', /^gone\.gz: not on the server, .*404/],
    ['spa.gz', /^spa\.gz: not on the server, .*answered with a web page/],
    ['cut.gz', /^cut\.gz: could not be fetched/],
  ])('%s is missing, with a remedy', async (path, message) => {
    await expect(source.read(path)).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/train again/),
    })
  })

  it('a server out of reach', async () => {
    await expect(new FetchShardSource('http://127.0.0.1:1/').read('a.gz')).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringMatching(/^a\.gz: could not be fetched/),
    })
  })

  it('stops when told to', async () => {
    const abort = new AbortController()
    const reading = source.read('slow.gz', abort.signal)
    setTimeout(() => abort.abort(), 20)
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  })
})
