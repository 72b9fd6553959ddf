/** Random headers, ten thousand of each format: read, or refused by an error of ours. */
import { readFileSync } from 'node:fs'
import { join as pathJoin } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { BasinError } from '../../../base/errors'
import { inflate, readAll, streamOf } from '../../formats/byteStream'
import { imageHeader, withoutExif } from '../../formats/imageHeader'
import { zipEntries } from '../../formats/zip'
import { parseIdx } from '../shards/idx'
import { cifarRecords } from './cifar'
import { fileOf, join, tar } from './import.testing'
import { planImport } from './importPlan'
import type { Survey } from './survey'
import { cleanPath, walk } from './walk'

const text = (value: string) => new TextEncoder().encode(value)
const png = new Uint8Array(readFileSync(pathJoin('src/core/data/import/goldens', 'plain.png')))

function ours(error: unknown): BasinError {
  if (error instanceof BasinError && error.code !== 'internal') return error
  throw error
}

describe('random bytes, 10,000 of each', async () => {
  const runs = { numRuns: 10_000 }
  const tarHeader = (await tar({ 'a/1.txt': text('one') })).slice(0, 512)

  it('picture headers', () => {
    const starts = fc.constantFrom(
      [0xff, 0xd8, 0xff],
      [0x89, 0x50, 0x4e, 0x47],
      [0x47, 0x49, 0x46, 0x38],
      [0x42, 0x4d],
      [...text('RIFF1234WEBPVP8X')],
    )
    fc.assert(
      fc.property(starts, fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        const bytes = Uint8Array.from([...start, ...rest])
        const header = imageHeader(bytes)
        if (header) expect(header.width * header.height).toBeGreaterThan(0)
        expect(withoutExif(bytes)).toHaveLength(bytes.length)
      }),
      runs,
    )
  })

  it('names: a cleaned path never leads out', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', '/', '\\', 'C:', '\0'),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const path = cleanPath(parts.join('/'))
        if (path === undefined) return
        expect(path).not.toMatch(/^\/|(^|\/)\.\.?(\/|$)|\\|\0|^[A-Za-z]:\//)
      }),
      runs,
    )
  })

  it('zip directories', async () => {
    const zip = zipSync({ 'a/1.png': png, 'b/1.png': png })
    const end = zip.length - 22
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: end - 104, max: zip.length - 1 }), fc.nat(255)), {
          maxLength: 8,
        }),
        async (changes) => {
          const damaged = zip.slice()
          for (const [at, value] of changes) damaged[at] = value
          const entries = await zipEntries(fileOf('x.zip', damaged)).catch(ours)
          if (entries instanceof BasinError) return
          for (const entry of entries) await entry.read(2 ** 20).catch(ours)
        },
      ),
      runs,
    )
  }, 180_000)

  it('CIFAR records', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(255), fc.nat(4000), async (label, length) => {
        const bytes = new Uint8Array(length)
        bytes[0] = label
        const file = { path: 'x.bin', split: 'train', group: 0 } as const
        let count = 0
        try {
          for await (const sample of cifarRecords(streamOf(bytes), file, { labelAt: 0, labelBytes: 1 }, 10)) {
            expect(sample.label).toBeLessThan(10)
            count++
          }
          expect([length % 3073, count]).toEqual([0, length / 3073])
        } catch (error) {
          ours(error)
        }
      }),
      runs,
    )
  }, 180_000)

  it('tar headers whose checksum is right', async () => {
    const field = fc.tuple(fc.nat(511), fc.uint8Array({ minLength: 1, maxLength: 12 }))
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 5 }), async (fields) => {
        const header = tarHeader.slice()
        for (const [at, bytes] of fields) header.set(bytes.subarray(0, 512 - at), at)
        // What a writer would have put there.
        header.fill(0x20, 148, 156)
        const sum = header.reduce((total, byte) => total + byte, 0)
        header.set(text(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
        try {
          for await (const entry of walk([fileOf('x', join(header, new Uint8Array(1536)))])) {
            expect(cleanPath(entry.path)).toBe(entry.path)
            await readAll(entry.open(), 2 ** 20, 'x')
          }
        } catch (error) {
          ours(error)
        }
      }),
      runs,
    )
  }, 180_000)

  it('gzip headers', async () => {
    const packed = gzipSync(text('abc'))
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 8, maxLength: 8 }), async (fields) => {
        const damaged = Uint8Array.from(packed)
        damaged.set(fields, 2)
        await readAll(inflate(streamOf(damaged), 'gzip', 'x'), 2 ** 20, 'x').catch(ours)
      }),
      runs,
    )
  }, 180_000)

  it('IDX headers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), fc.nat(4), (rest, rank) => {
        try {
          const { shape, data } = parseIdx(Uint8Array.from([0, 0, 8, rank, ...rest]), 'x')
          expect(shape.reduce((product, length) => product * length, 1)).toBe(data.length)
        } catch (error) {
          ours(error)
        }
      }),
      runs,
    )
  })

  it('folders of pictures, and split lists with anything in them', () => {
    const word = fc.oneof(
      fc.constantFrom('train', 'test', 'val', 'cat', 'n01440764', 'images', 'a.jpg', '1.png', '猫'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }),
    )
    const path = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
    const lists = fc.constantFrom(
      ['annotations/trainval.txt', 'annotations/test.txt'],
      ['data/variants.txt', 'data/images_variant_trainval.txt', 'data/images_variant_test.txt'],
      ['meta/classes.txt', 'meta/train.txt', 'meta/test.txt'],
      ['ILSVRC2012_validation_ground_truth.txt'],
    )
    const line = fc.oneof(
      fc.constantFrom('cat_1 1 1 1', 'cat/1', 'dog 707-320', '99', 'cat_1 38 1 1', '#', '1 2 3 4 5'),
      fc.string({ maxLength: 12 }),
    )
    fc.assert(
      fc.property(
        fc.array(path, { maxLength: 12 }),
        lists,
        fc.array(line, { maxLength: 6 }),
        (paths, named, lines) => {
          const body = text(lines.join('\n'))
          const survey: Survey = {
            files: [...paths, ...named].map((each) => ({ path: each, size: 10, head: undefined })),
            small: new Map(named.map((name) => [name, body])),
            mats: new Map(),
            sums: [],
            skipped: [],
            root: 'set',
          }
          try {
            const { layout, bytes } = planImport(survey, { labels: 'fine' })
            expect(layout.classNames.length).toBeGreaterThan(1)
            expect(bytes).toBeGreaterThan(0)
            for (const each of paths) {
              const take = layout.take(each)
              if (take?.kind === 'image') expect(take.label).toBeLessThan(layout.classNames.length)
            }
          } catch (error) {
            ours(error)
          }
        },
      ),
      runs,
    )
  }, 180_000)

  it('anything at all, walked and read', async () => {
    const start = fc.constantFrom([], [0x1f, 0x8b, 8, 0], [0x50, 0x4b, 3, 4], [0, 0, 8, 3], [0x80, 2])
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ maxLength: 600 }), async (magic, rest) => {
        const bytes = Uint8Array.from([...magic, ...rest])
        try {
          for await (const entry of walk([fileOf('x', bytes)])) await readAll(entry.open(), 2 ** 20, 'x')
        } catch (error) {
          ours(error)
        }
      }),
      runs,
    )
  }, 180_000)
})
