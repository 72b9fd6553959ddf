import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { HttpRunFiles } from '../../platform/browser/httpRunFiles'
import { runsHandler } from './serveRuns'

let folder: string
let server: Server
let base: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'basin-serve-'))
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, 'all', path, '..'), { recursive: true })
    writeFileSync(join(folder, 'all', path), text)
  }
  mkdirSync(join(folder, 'dist'))
  writeFileSync(join(folder, 'dist/index.html'), '<html><head><title>Basin</title></head></html>')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  write('a/seed 0/run.json', '{}')
  write('a/seed 0/metrics.csv', 'step\n')
  write('a/seed 0/checkpoints/checkpoint_0.safetensors', 'weights')
  write('a/seed 0/private.txt', 'mine')
  write('private.txt', 'mine')
  write('notes/metrics.csv', 'of no run')
  const handler = runsHandler(join(folder, 'all'), join(folder, 'dist'))
  server = createServer((ask, answer) => handler(ask, answer, () => answer.writeHead(418).end()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

/** As it is said: fetch would tidy the path up. */
const status = (path: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    request(`${base}`, { path }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end()
  })

it('shows the files of runs, grown ones too, and of nothing else', async () => {
  const files = new HttpRunFiles(`${base}runs/`)
  const kept = ['checkpoints/checkpoint_0.safetensors', 'metrics.csv', 'run.json'].map(
    (name) => `a/seed 0/${name}`,
  )
  expect(await files.keys('')).toEqual(kept)
  expect((await files.sizes('a/')).get('a/seed 0/metrics.csv')).toBe(5)
  const text = async (key: string) => new TextDecoder().decode(await files.get(key))
  expect(await text('a/seed 0/metrics.csv')).toBe('step\n')
  writeFileSync(join(folder, 'all/a/seed 0/metrics.csv'), 'step\n1\n')
  expect(await text('a/seed 0/metrics.csv')).toBe('step\n1\n')
  for (const key of ['a/seed 0/private.txt', 'private.txt', 'notes/metrics.csv', 'a/seed 0/none.csv']) {
    expect(await files.get(key), key).toBeUndefined()
  }
})

it('leads out of the folder by no path', async () => {
  symlinkSync(join(folder, 'all/a'), join(folder, 'all/b'))
  for (const path of [
    '/runs/files/../../secret.txt',
    '/runs/files/a/%2e%2e/%2e%2e/secret.txt',
    '/runs/files/a%2f..%2f..%2fsecret.txt',
    '/runs/files//etc/passwd',
    '/runs/files/%00',
    '/runs/files/%ff',
    '/runs/files/',
    '/runs/',
  ]) {
    expect([404, 418], path).toContain(await status(path))
  }
})

it('tells the page that runs are served, and passes on what is not its own', async () => {
  expect(await (await fetch(base)).text()).toContain('<meta name="basin-runs" content="runs/">')
  expect((await fetch(`${base}assets/x.js`)).status).toBe(418)
})

it('answers once for what has not changed', async () => {
  const at = `${base}runs/files/a/seed%200/metrics.csv`
  const tag = (await fetch(at)).headers.get('etag')!
  expect((await fetch(at, { headers: { 'If-None-Match': tag } })).status).toBe(304)
})

it('is read only, and says when nobody answers', async () => {
  const files = new HttpRunFiles(`${base}runs/`)
  await expect(files.put('a/seed 0/run.json')).rejects.toMatchObject({ code: 'unsupported' })
  await expect(files.remove(['a/seed 0/run.json'])).rejects.toMatchObject({ code: 'unsupported' })
  const gone = new HttpRunFiles('http://127.0.0.1:9/runs/')
  await expect(gone.keys('')).rejects.toMatchObject({
    code: 'storage',
    remedy: expect.stringContaining('npm start'),
  })
})
