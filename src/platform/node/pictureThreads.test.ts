/** Decoders that hang, fail or are not there, in real threads. */
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileOf, importFiles } from '../../core/data/import/import.testing'
import { MapStore } from '../../core/data/tiny.testing'
import { nodeDecoder } from './imageCodecs'
import { openNodePictures } from './pictureThreads'

const png = new Uint8Array(readFileSync('src/core/data/import/goldens/plain.png'))
const jpg = new Uint8Array(readFileSync('src/core/data/import/goldens/plain.jpg'))
const GOLDENS = 'src/platform/goldens'

/** A thread whose codec goes round for ever at a GIF, and ends its thread at a BMP. */
const WILD = `
  import { parentPort } from 'node:worker_threads'
  import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
  import { servePictures } from './src/platform/pictures/pictureThreads'
  servePictures(async (bytes, kind) => {
    if (kind === 'gif') for (;;);
    if (kind === 'bmp') process.exit(1)
    return { width: 2, height: 1, rgba: new Uint8Array(8).fill(bytes[0]) }
  }, nodeEndpoint(parentPort))`

let folder: string
const scripts: Record<'real' | 'wild', URL> = { real: new URL('file:///'), wild: new URL('file:///') }
beforeAll(async () => {
  // Inside the repository, where the bundle finds what it does not hold.
  const cache = join(process.cwd(), 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  folder = await mkdtemp(join(cache, 'pictures-'))
  const bundle = async (name: keyof typeof scripts, input: BuildOptions) => {
    const outfile = join(folder, `${name}.mjs`)
    scripts[name] = pathToFileURL(outfile)
    const banner = {
      js: "import { createRequire as basinRequire } from 'node:module'; const require = basinRequire(import.meta.url);",
    }
    await build({
      ...input,
      outfile,
      banner,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
    })
  }
  await bundle('real', { entryPoints: ['src/platform/node/pictureThread.ts'] })
  await bundle('wild', { stdin: { contents: WILD, resolveDir: process.cwd(), loader: 'ts' } })
})
afterAll(() => rm(folder, { recursive: true }))

const open = (script: URL, limitMs: number, size = 2) =>
  openNodePictures(process.cwd(), { size, limitMs }, script)

describe('openNodePictures', () => {
  it('gives the pixels of a decoder without threads, of every kind', async () => {
    const pictures = open(scripts.real, 60_000)
    const alone = nodeDecoder(process.cwd())
    const file = (name: string) => new Uint8Array(readFileSync(join(GOLDENS, name)))
    const cases = [
      [png, 'png'],
      [jpg, 'jpeg'],
      [file('cmyk.jpg'), 'jpeg'],
      [file('two.gif'), 'gif'],
      [file('odd.bmp'), 'bmp'],
    ] as const
    const decoded = await Promise.all(cases.map(([bytes, kind]) => pictures.decode(bytes, kind)))
    for (const [i, [bytes, kind]] of cases.entries()) {
      const expected = await alone(bytes, kind)
      expect([decoded[i].width, decoded[i].height]).toEqual([expected.width, expected.height])
      expect(Buffer.from(decoded[i].rgba).equals(Buffer.from(expected.rgba))).toBe(true)
    }
    // What was handed in stays.
    expect(png.length).toBeGreaterThan(0)
    await expect(pictures.decode(png.subarray(0, 60), 'png')).rejects.toThrow(/^damaged png/)
    pictures.close()
  })

  it('a picture that takes too long is given up with its thread, and the others are decoded', async () => {
    const pictures = open(scripts.wild, 1000)
    const kinds = ['png', 'gif', 'png', 'gif', 'gif', 'png', 'png'] as const
    const results = await Promise.allSettled(kinds.map((kind, i) => pictures.decode(Uint8Array.of(i), kind)))
    for (const [i, result] of results.entries()) {
      if (kinds[i] === 'png') expect(result).toMatchObject({ value: { rgba: new Uint8Array(8).fill(i) } })
      else expect(result).toMatchObject({ reason: { message: 'takes longer than 1 s' } })
    }
    pictures.close()
  })

  it('closing ends a thread that is stuck', async () => {
    const pictures = open(scripts.wild, 600_000, 1)
    const stuck = pictures.decode(png, 'gif').catch((error: Error) => error.message)
    const behind = pictures.decode(png, 'png').catch((error: Error) => error.message)
    setTimeout(() => pictures.close(), 300)
    expect(await Promise.all([stuck, behind])).toEqual([expect.any(String), 'closed'])
  })

  it('a thread that a picture ends costs that picture; one that cannot start is no picture’s fault', async () => {
    const pictures = open(scripts.wild, 60_000, 1)
    await expect(pictures.decode(png, 'bmp')).rejects.toThrow(/ended at it/)
    expect(await pictures.decode(png, 'png')).toMatchObject({ width: 2 })
    pictures.close()
    const broken = open(pathToFileURL(join(process.cwd(), 'package.json')), 60_000)
    await expect(broken.decode(png, 'png')).rejects.toMatchObject({ code: 'not-loaded' })
    broken.close()
    const noCodecs = openNodePictures(join(folder, 'nowhere'), { size: 1 }, scripts.real)
    await expect(noCodecs.decode(png, 'png')).rejects.toMatchObject({ code: 'not-loaded' })
    noCodecs.close()
  })

  it('an import passes over a picture that its decoder hangs at', async () => {
    const pictures = open(scripts.wild, 1000)
    const gif = new Uint8Array(readFileSync(join(GOLDENS, 'two.gif')))
    const files = ['a/1', 'a/2', 'b/1', 'b/2'].map((name) => fileOf(`set/${name}.png`, png))
    files.push(fileOf('set/b/round.gif', gif))
    const { record } = await importFiles(files, {}, new MapStore(), undefined, pictures.decode)
    pictures.close()
    expect(record.manifest.splits).toEqual({ train: 2, test: 2 })
    expect(record.skipped).toEqual([
      { path: 'set/b/round.gif', reason: 'cannot be decoded (takes longer than 1 s)' },
    ])
  })
})
