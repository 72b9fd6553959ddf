import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BasinError } from '../../../base/errors'
import { FolderShardSource } from '../../../platform/node/folderShardSource'
import { inPlaceShardStore } from '../../../platform/node/inPlaceShardStore'
import { openDataset } from '../catalog/manifests'
import { parseIdx } from './idx'
import { unpackShard } from './shard'

/** The format's definition, written down a second time. */
function idxFile(shape: number[], data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length)
  header.set([0, 0, 8, shape.length])
  shape.forEach((length, axis) => {
    header.writeUInt32BE(length, 4 + 4 * axis)
  })
  return Uint8Array.from(Buffer.concat([header, data]))
}

const errorOf = (body: () => unknown): BasinError => {
  try {
    body()
  } catch (error) {
    if (error instanceof BasinError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** SHA-256 of the official files' content, as /usr/share/datasets/fashion-mnist of Debian has it too. */
const OFFICIAL = {
  train: [
    'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
  ],
  test: [
    '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  ],
}

describe('the bundled Fashion-MNIST', () => {
  it.each(['train', 'test'] as const)(
    '%s: put together again, the shards are the official IDX files',
    async (split) => {
      const source = new FolderShardSource('public/datasets')
      const { manifest } = await openDataset('fashion_mnist', { source, store: inPlaceShardStore })
      const contents = await Promise.all(
        manifest.shards
          .filter((shard) => shard.split === split)
          .map(async ({ file, count }) =>
            unpackShard(gunzipSync(await source.read(`fashion_mnist/${file}`)), file, count, 784, 10),
          ),
      )
      const count = manifest.splits[split]
      const files = [
        idxFile([count, 28, 28], Buffer.concat(contents.map((content) => content.images))),
        idxFile([count], Buffer.concat(contents.map((content) => content.labels as Uint8Array))),
      ]
      expect(files.map((file) => createHash('sha256').update(file).digest('hex'))).toEqual(OFFICIAL[split])

      expect(parseIdx(files[0], 'x').shape).toEqual([count, 28, 28])
      const perClass = new Array(10).fill(0)
      for (const label of parseIdx(files[1], 'y').data) perClass[label]++
      expect(perClass).toEqual(new Array(10).fill(count / 10))
    },
  )
})

describe('parseIdx', () => {
  const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 })

  it('gives back any array that was written', () => {
    fc.assert(
      fc.property(shapes, fc.integer(), (shape, seed) => {
        const size = shape.reduce((product, length) => product * length, 1)
        const data = Uint8Array.from({ length: size }, (_, i) => Math.imul(seed, i + 1))
        const parsed = parseIdx(idxFile(shape, data), 'file')
        expect(parsed.shape).toEqual(shape)
        expect(parsed.data).toEqual(data)
      }),
    )
  })

  it('reads a view that does not begin where its buffer begins', () => {
    const file = idxFile([3], Uint8Array.of(7, 8, 9))
    const padded = new Uint8Array(file.length + 5)
    padded.set(file, 5)
    expect([...parseIdx(padded.subarray(5), 'file').data]).toEqual([7, 8, 9])
  })

  it('refuses a file that is cut short anywhere, or too long, and names it', () => {
    const file = idxFile([2, 3], new Uint8Array(6))
    for (let length = 0; length < file.length; length++) {
      const error = errorOf(() => parseIdx(file.subarray(0, length), 'labels.gz'))
      expect(error.message).toMatch(/^labels\.gz: /)
    }
    expect(errorOf(() => parseIdx(Uint8Array.of(...file, 0), 'labels.gz')).code).toBe('data-damaged')
  })

  it('never throws anything but a BasinError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, plausible) => {
        if (plausible) bytes.set([0, 0, 8].slice(0, bytes.length))
        try {
          const { shape, data } = parseIdx(bytes, 'file')
          expect(shape.reduce((product, length) => product * length, 1)).toBe(data.length)
        } catch (error) {
          expect(error).toBeInstanceOf(BasinError)
        }
      }),
    )
  })

  it('says what a gzip, a header of other elements and a huge header are', () => {
    expect(errorOf(() => parseIdx(Uint8Array.of(0x1f, 0x8b, 8, 0), 'x.gz')).message).toContain('1f 8b 08 00')
    expect(errorOf(() => parseIdx(Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 0), 'x')).code).toBe('file-format')
    const huge = Uint8Array.of(0, 0, 8, 3, ...new Array(12).fill(255))
    expect(errorOf(() => parseIdx(huge, 'x')).code).toBe('data-damaged')
  })
})
