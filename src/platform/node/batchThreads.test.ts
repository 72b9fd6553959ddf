import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { SETTINGS, streamUnder } from '../../core/data/augment/pixels.testing'
import { BatchFeed } from '../../core/data/batches/batchFeed'
import { toImages } from '../../core/data/batches/evalImages'
import { openNodeThreads } from './batchThreads'

let folder: string
let script: URL
beforeAll(async () => {
  // Inside the repository, where the bundle finds what it does not hold.
  folder = await mkdtemp(join(process.cwd(), 'node_modules', '.cache', 'threads-'))
  const outfile = join(folder, 'batchThread.mjs')
  await build({
    entryPoints: ['src/platform/node/batchThread.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  script = pathToFileURL(outfile)
})
afterAll(() => rm(folder, { recursive: true }))

const CHANGES = { ...SETTINGS.autoaugment, batch_level_augmentations: 'mixcut' } as const

describe('openNodeThreads', () => {
  it.each([1, 3])('%i threads: the pixels of none, in two epochs', async (size) => {
    const stream = streamUnder(CHANGES)
    const pool = openNodeThreads(stream.recipe, { root: process.cwd(), size, script })
    expect(pool?.size).toBe(size)
    const feed = new BatchFeed(stream, pool)
    const alone = streamUnder(CHANGES)
    for (let step = 0; step < 6; step++) {
      // The first batches are made here until a thread has answered; later ones have had the time.
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(await feed.take(step, 6)).toEqual(alone.batchAt(step))
    }
    feed.dispose()
  })

  it('a thread answers with the pixels themselves', async () => {
    const stream = streamUnder({ ...CHANGES, run_seed: 5 })
    const pool = openNodeThreads(stream.recipe, { root: process.cwd(), size: 2, script })
    const images = await Promise.all([0, 1, 2].map((step) => pool?.prepare(stream.rawAt(step))))
    expect(images).toEqual([0, 1, 2].map((step) => stream.batchAt(step).images))
    const { pixels, indices } = stream.rawAt(0)
    const plain = toImages(stream.recipe)(pixels.slice(), indices.length)
    expect(await pool?.prepareToLookAt({ pixels }, indices.length)).toEqual(plain)
    pool?.dispose()
    await expect(pool?.prepare(stream.rawAt(3))).rejects.toThrow('the pool is gone')
  })

  it('a script that fails ends the pool; one that is not there opens none', async () => {
    const { recipe } = streamUnder({ ...DEFAULT_CONFIG, batch_size: 4 })
    const missing = pathToFileURL(join(folder, 'other.mjs'))
    expect(openNodeThreads(recipe, { root: process.cwd(), script: missing })).toBeUndefined()
    const broken = pathToFileURL(join(process.cwd(), 'package.json'))
    const pool = openNodeThreads(recipe, { root: process.cwd(), size: 1, script: broken })
    await expect(pool?.prepare(streamUnder({ batch_size: 4 }).rawAt(0))).rejects.toThrow('the pool is gone')
  })
})
