/**
 * The built page over a folder of runs, on localhost: it lists and follows them while they train elsewhere. Read only,
 * and nothing of the folder is told but the files of its runs.
 */
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Connect, Plugin } from 'vite'
import { filesOfRuns } from '../../core/library/listing'
import { FILES } from '../../core/library/record'
import { SERVED_RUNS } from '../../core/runs/served'
import { FolderDataStore } from '../../platform/node/folderDataStore'

/**
 * @param root of Basin, whose dist/ is built
 * @returns the page's address; the server lives until the process ends
 */
export async function serveRuns(folder: string, root: string, port?: number): Promise<string> {
  const { preview } = await import('vite')
  const server = await preview({ root, plugins: [runsPlugin(folder, join(root, 'dist'))], preview: { port } })
  return server.resolvedUrls?.local[0] ?? ''
}

/** After vite's own check of the host's name, before its files. */
function runsPlugin(folder: string, dist: string): Plugin {
  return {
    name: 'basin-runs',
    configurePreviewServer({ middlewares, config }) {
      middlewares.use(runsHandler(folder, dist, config.preview.headers))
    },
  }
}

/** Answers for the page, the list of files, and each of them; passes on what else is asked for. */
export function runsHandler(
  folder: string,
  dist: string,
  headers: Record<string, unknown> = {},
): Connect.NextHandleFunction {
  const files = new FolderDataStore(folder)
  return (request, response, next) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value))
    answer(files, dist, pathname, request, response)
      .then((answered) => answered || next())
      .catch(next)
  }
}

/** @returns false for what is not ours */
async function answer(
  files: FolderDataStore,
  dist: string,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (pathname === '/' || pathname === '/index.html') {
    const page = await readFile(join(dist, 'index.html'), 'utf8')
    const told = page.replace(
      '<head>',
      `<head>\n    <meta name="${SERVED_RUNS.meta}" content="${SERVED_RUNS.folder}">`,
    )
    response
      .setHeader('Content-Type', 'text/html; charset=utf-8')
      .setHeader('Cache-Control', 'no-cache')
      .end(told)
    return true
  }
  if (!pathname.startsWith(`/${SERVED_RUNS.folder}`)) return false
  const name = decoded(pathname.slice(SERVED_RUNS.folder.length + 1))
  if (name === SERVED_RUNS.list) {
    const known = filesOfRuns(await files.keys(''))
    const sizes = await files.sizes('')
    const list = Object.fromEntries(known.flatMap((key) => (sizes.has(key) ? [[key, sizes.get(key)]] : [])))
    response.setHeader('Content-Type', 'application/json').setHeader('Cache-Control', 'no-store')
    response.end(JSON.stringify(list))
    return true
  }
  const key = name?.startsWith(SERVED_RUNS.files) ? name.slice(SERVED_RUNS.files.length) : undefined
  const asked = key !== undefined && isRelative(key) && (await ofARun(files, key))
  if (!asked) {
    response.writeHead(404).end()
    return true
  }
  await send(files.where(key), request, response)
  return true
}

/** Whether the file is of a run: some folder that it lies in has a record. */
async function ofARun(files: FolderDataStore, key: string): Promise<boolean> {
  const folders = [...key.matchAll(/\/|^/g)].map(({ index, 0: { length } }) => key.slice(0, index + length))
  const records = folders.map((folder) => folder + FILES.record)
  const there = await Promise.all(records.map((record) => stat(files.where(record)).catch(() => undefined)))
  return filesOfRuns([...records.filter((_, i) => there[i]?.isFile()), key]).includes(key)
}

async function send(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = await stat(path).catch(() => undefined)
  if (!file?.isFile()) return void response.writeHead(404).end()
  const tag = `"${file.size}-${file.mtimeMs}"`
  response.setHeader('Cache-Control', 'no-cache').setHeader('ETag', tag)
  if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end()
  response.setHeader('Content-Type', 'application/octet-stream')
  if (request.method === 'HEAD' || file.size === 0) return void response.end()
  // What is there now: a file that grows meanwhile is read to where it ended.
  const stream = createReadStream(path, { end: file.size - 1 })
  stream.on('error', () => response.destroy())
  stream.pipe(response)
}

const isRelative = (key: string) =>
  key !== '' &&
  !key.includes('\0') &&
  !key.includes('\\') &&
  key.split('/').every((part) => !/^\.*$/.test(part))

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
