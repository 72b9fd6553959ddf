import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { packTar } from 'modern-tar'
import { describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
import { streamOf } from './byteStream'
import { type TarOptions, tarFiles } from './tar'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const LONG = `${'deep/'.repeat(60)}file.bin`
const big = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7) & 255)

async function archive(): Promise<Uint8Array> {
  return packTar([
    { header: { name: 'a/', type: 'directory', size: 0 } },
    { header: { name: 'a/one.txt', size: 5 }, body: 'first' },
    { header: { name: LONG, size: 6 }, body: 'second' },
    { header: { name: 'empty', size: 0 }, body: '' },
  ])
}

async function read(archive: Uint8Array | ReadableStream<Uint8Array>, options: Partial<TarOptions> = {}) {
  const files: [string, Uint8Array][] = []
  const stream = archive instanceof Uint8Array ? streamOf(archive) : archive
  for await (const file of tarFiles(stream, { filename: 'x.tar', ...options }))
    files.push([file.name, file.bytes])
  return files
}

/** The message a damaged archive ends in; undefined when it was read. Foreign errors fail the test. */
async function complaint(bytes: Uint8Array): Promise<string | undefined> {
  try {
    await read(bytes)
    return undefined
  } catch (error) {
    if (!(error instanceof BasinError)) throw error
    expect(error.code).toBe('file-format')
    return error.message
  }
}

describe('tar archives', () => {
  it('are read plain and gzipped, at once and in small pieces', async () => {
    const plain = await archive()
    const packed = new Uint8Array(gzipSync(plain))
    const pieces = (bytes: Uint8Array) =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += 100) controller.enqueue(bytes.subarray(at, at + 100))
          controller.close()
        },
      })
    const sources = [plain, packed, pieces(plain), pieces(packed), pieces(packed.subarray(0, 1))]
    for (const source of sources.slice(0, -1)) {
      const files = await read(source)
      expect(files.map(([name, bytes]) => [name, text(bytes)])).toEqual([
        ['a/one.txt', 'first'],
        [LONG, 'second'],
        ['empty', ''],
      ])
    }
    await expect(read(sources.at(-1)!)).rejects.toThrow(/x.tar: a whole archive/)
  })

  it('hand out what is wanted, whole, and stop when told', async () => {
    const entries = ['one', 'two', 'three'].map((name) => ({
      header: { name, size: big.length },
      body: big,
    }))
    const packed = new Uint8Array(gzipSync(await packTar(entries), { level: 1 }))
    const files = await read(packed, { wanted: (name) => name === 'two' })
    expect(files.map(([name]) => name)).toEqual(['two'])
    expect(Buffer.compare(files[0][1], big)).toBe(0)
    for await (const { name } of tarFiles(streamOf(packed), { filename: 'x' })) {
      expect(name).toBe('one')
      break
    }
  })

  it('that grow as weights never do are refused, wanted or not', async () => {
    const zeros = new Uint8Array(80 * 2 ** 20)
    const bomb = gzipSync(await packTar([{ header: { name: 'zeros', size: zeros.length }, body: zeros }]))
    await expect(read(new Uint8Array(bomb), { wanted: () => false })).rejects.toMatchObject({
      code: 'file-format',
      message: 'x.tar: unpacks to at most 8 times its size, got more',
    })
  })

  it('cut at any byte are refused', async () => {
    const plain = await archive()
    const packed = new Uint8Array(gzipSync(plain))
    for (let length = 0; length < packed.length; length++) {
      expect(await complaint(packed.subarray(0, length)), `gzip cut at ${length}`).toBeTypeOf('string')
    }
    // Padding after the end mark belongs to no file.
    const end = plain.length - 1024
    for (let length = 0; length < end; length += 37) {
      expect(await complaint(plain.subarray(0, length)), `cut at ${length}`).toBeTypeOf('string')
    }
  })

  it('damaged in any way end in our own error or are read', async () => {
    const plain = await archive()
    await fc.assert(
      fc.asyncProperty(fc.nat(plain.length - 1), fc.nat(255), async (at, byte) => {
        const bytes = Uint8Array.from(plain)
        bytes[at] = byte
        await complaint(bytes)
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        await complaint(bytes)
      }),
    )
  })
})
