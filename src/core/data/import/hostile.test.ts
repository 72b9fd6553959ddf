/** Whatever bytes come in: a set, or an error of ours, and the store as it was. Never a hang, never a foreign error. */
import { readFileSync } from 'node:fs'
import { join as pathJoin } from 'node:path'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { BasinError } from '../../../base/errors'
import { inflate, readAll, streamOf } from '../../formats/byteStream'
import { crc32 } from '../../formats/crc32'
import { zipEntries } from '../../formats/zip'
import { MapStore } from '../tiny.testing'
import { cifarRecord, fileOf, idxFile, importFiles, matFile, tar, tarGz } from './import.testing'
import { walk } from './walk'

const golden = (name: string) => new Uint8Array(readFileSync(pathJoin('src/core/data/import/goldens', name)))
const text = (value: string) => new TextEncoder().encode(value)
const png = golden('plain.png')

function ours(error: unknown): BasinError {
  if (error instanceof BasinError && error.code !== 'internal') return error
  throw error
}

/** Imports into a store that holds another set's shard; a failure must leave just that. */
async function attempt(files: Record<string, Uint8Array>): Promise<BasinError | undefined> {
  const store = new MapStore()
  await store.put('import/other/train-0.bin', Uint8Array.of(1))
  const inputs = Object.entries(files).map(([path, bytes]) => fileOf(path, bytes))
  try {
    await importFiles(inputs, {}, store)
    return undefined
  } catch (error) {
    expect([...store.kept.keys()]).toEqual(['import/other/train-0.bin'])
    return ours(error)
  }
}

const small = async () => ({
  zip: zipSync({ 'set/a/1.png': png, 'set/a/2.png': png, 'set/b/1.png': png, 'set/b/2.png': png }),
  gz: await tarGz({ 'set/a/1.png': png, 'set/a/2.png': png, 'set/b/1.png': png, 'set/b/2.png': png }),
})

describe('an archive cut at any byte', () => {
  it.each(['zip', 'gz'] as const)('%s is refused', async (kind) => {
    const archive = (await small())[kind]
    expect(await attempt({ [`set.${kind}`]: archive })).toBeUndefined()
    for (let length = 0; length < archive.length; length++) {
      const error = await attempt({ [`set.${kind}`]: archive.subarray(0, length) })
      expect(error, `${length} of ${archive.length}`).toBeDefined()
    }
  })

  it('CIFAR, IDX and .mat files are refused', async () => {
    const cases: [string, Uint8Array, Record<string, Uint8Array>][] = [
      ['data_batch_1.bin', cifarRecord(1), { 'test_batch.bin': cifarRecord(2) }],
      [
        'train-images-idx3-ubyte',
        idxFile([2, 2, 2], new Uint8Array(8)),
        {
          'train-labels-idx1-ubyte': idxFile([2], Uint8Array.of(0, 1)),
          't10k-images-idx3-ubyte': idxFile([1, 2, 2], new Uint8Array(4)),
          't10k-labels-idx1-ubyte': idxFile([1], Uint8Array.of(1)),
        },
      ],
    ]
    for (const [name, file, others] of cases) {
      expect(await attempt({ [name]: file, ...others })).toBeUndefined()
      for (let length = 0; length < file.length; length += file.length > 100 ? 97 : 1) {
        expect(await attempt({ [name]: file.subarray(0, length), ...others })).toBeDefined()
      }
    }
  })
})

describe('any bit flipped', () => {
  const tiny = async () => tar({ 'a/1.txt': text('one'), 'b/größe.txt': text('two') })

  /** Reads every file. @returns what is in it, or our error */
  async function content(bytes: Uint8Array): Promise<string | BasinError> {
    const files: [string, number][] = []
    try {
      for await (const entry of walk([fileOf('x', bytes)])) {
        const body = await readAll(entry.open(), 2 ** 20, 'x')
        // Nothing grows: whatever is claimed, a file is no longer than its archive, gzip's ratio apart.
        expect(body.length).toBeLessThanOrEqual(Math.max(4096, 2 * bytes.length))
        files.push([entry.path, crc32(body)])
      }
      return JSON.stringify(files)
    } catch (error) {
      return ours(error)
    }
  }

  /**
   * What is read, for less than 50 ms of processor time: the machine's other work does not count, and where a
   * collection of garbage fell into it it is read again.
   */
  async function timed(bytes: Uint8Array): Promise<string | BasinError> {
    for (let tries = 0; ; tries++) {
      const before = process.cpuUsage()
      const found = await content(bytes)
      const { user, system } = process.cpuUsage(before)
      if (user + system < 50_000) return found
      expect(tries, `${(user + system) / 1000} ms`).toBeLessThan(3)
    }
  }

  async function* flipped(bytes: Uint8Array) {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7)
      yield bit
      bytes[bit >> 3] ^= 1 << (bit & 7)
    }
  }

  it('in a zip: read, passed over or refused, each for less than 50 ms of work', async () => {
    const zip = zipSync({ 'a/1.txt': [text('one one one one one'), { level: 9 }], 'b/2.txt': text('two') })
    expect(await content(zip)).not.toBeInstanceOf(BasinError)
    for await (const _ of flipped(zip)) await timed(zip)
  }, 60_000)

  it('in a zip of pictures that is imported: a set, or an error and the store as it was', async () => {
    const { zip } = await small()
    for (let bit = 0; bit < zip.length * 8; bit += 7) {
      const damaged = zip.slice()
      damaged[bit >> 3] ^= 1 << (bit & 7)
      await attempt({ 'set.zip': damaged })
    }
  }, 60_000)

  it('in a .gz: refused, or the same content, header fields that say nothing of it apart', async () => {
    const packed = gzipSync(text('label one, label two, label one'))
    const whole = await content(packed)
    expect(whole).not.toBeInstanceOf(BasinError)
    let read = 0
    for await (const _ of flipped(packed)) {
      const found = await timed(packed)
      if (typeof found === 'string' && found.includes(`${crc32(text('label one, label two, label one'))}`))
        read++
      // What no longer begins as gzip is a file like any other.
      else if (typeof found === 'string') expect([packed[0], packed[1]]).not.toEqual([0x1f, 0x8b])
    }
    // Text flag, time, extra flags, system.
    expect(read).toBeLessThanOrEqual(64)
  })

  it('in a .tar.gz: the checksum of gzip refuses it', async () => {
    const gz = new Uint8Array(gzipSync(await tiny()))
    const whole = await content(gz)
    for await (const bit of flipped(gz)) {
      const found = await timed(gz)
      if (typeof found === 'string' && bit >= 16) expect(found).toBe(whole)
    }
  })

  it('in a tar: read or refused, and its headers’ checksum sees what it covers', async () => {
    const archive = await tar({ 'b/größe.txt': text('two') })
    const whole = await content(archive)
    let same = 0
    // The header and its file; what follows is padding and the end mark.
    for await (const bit of flipped(archive.subarray(0, 515))) {
      const found = await timed(archive)
      if (found === whole) same++
      // Without its magic it is a file like any other, which no data set begins with.
      const plainFile = typeof found === 'string' && found.startsWith('[["x",')
      const inHeader = bit >> 3 < 500
      if (inHeader && !plainFile && found !== whole) expect(found).toBeInstanceOf(BasinError)
    }
    expect(same).toBeLessThan(200)
  }, 180_000)
})

describe('bombs', () => {
  it('gzip that unpacks to a thousand times its size is stopped early', async () => {
    const bomb = gzipSync(new Uint8Array(100 * 2 ** 20))
    let unpacked = 0
    const stream = inflate(streamOf(bomb), 'gzip', 'bomb.gz')
    const reader = stream.getReader()
    const ended = await (async () => {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return 'done'
        unpacked += value.length
      }
    })().catch(ours)
    expect(ended).toMatchObject({ code: 'data-damaged' })
    expect(unpacked).toBeLessThan(90 * 2 ** 20)
  })

  it('a zip entry that claims more than can be, or more than it may', async () => {
    const zip = zipSync({ 'a.txt': text('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') })
    const view = new DataView(zip.buffer)
    const central = zip.length - 22 - 46 - 'a.txt'.length
    view.setUint32(central + 24, 0xfffffff0, true)
    const [entry] = await zipEntries(fileOf('x.zip', zip))
    await expect(entry.read(2 ** 32)).rejects.toMatchObject({
      code: 'data-damaged',
      message: /packed so small/,
    })
    await expect(entry.read(100)).rejects.toMatchObject({ message: /at most 100 bytes/ })
  })

  const zip = zipSync({ 'list.txt': new Uint8Array(90 * 2 ** 20), 'a/1.png': png })

  it('a zip entry that packs as images never do', async () => {
    const [entry] = await zipEntries(fileOf('x.zip', zip))
    await expect(entry.read(2 ** 30)).rejects.toMatchObject({
      code: 'data-damaged',
      message: 'x.zip: list.txt: unpacks to at most 200 times its size, got more',
    })
  })

  it('a list of files in a zip is not unpacked before somebody reads it', async () => {
    const seen: [string, number | undefined, unknown][] = []
    for await (const { path, size, head } of walk([fileOf('x.zip', zip)])) seen.push([path, size, head])
    expect(seen).toEqual([
      ['list.txt', 90 * 2 ** 20, undefined],
      ['a/1.png', png.length, undefined],
    ])
  })

  it('a picture of a billion pixels is passed over by its header', async () => {
    const huge = png.slice()
    new DataView(huge.buffer).setUint32(16, 50_000)
    new DataView(huge.buffer).setUint32(20, 50_000)
    const error = await attempt({
      'set/a/1.png': huge,
      'set/a/2.png': huge,
      'set/b/1.png': huge,
      'set/b/2.png': huge,
    })
    expect(error?.code).toBe('data-damaged')
  })

  it('tars within tars within tars end', async () => {
    let archive = await tar({ 'a/1.png': png })
    for (let depth = 0; depth < 12; depth++) archive = await tar({ 'inner.tar': archive })
    expect((await attempt({ 'deep.tar': archive }))?.code).toBe('file-format')
  })
})

describe('labels out of range', () => {
  it.each([
    [
      'CIFAR',
      { 'data_batch_1.bin': cifarRecord(10), 'test_batch.bin': cifarRecord(1) },
      /labels below 10, got 10/,
    ],
    [
      'SVHN',
      {
        'train_32x32.mat': matFile(
          {
            X: { dims: [32, 32, 3, 1], type: 2, values: new Uint8Array(3072) },
            y: { dims: [1, 1], type: 2, values: [11] },
          },
          true,
        ),
      },
      /labels from 1 to 10, got 11/,
    ],
    [
      'pets',
      {
        'annotations/trainval.txt': text('cat_1 99 1 1\n'),
        'annotations/test.txt': text('dog_1 1 1 1\n'),
        'images/cat_1.jpg': golden('plain.jpg'),
      },
      /class 1 to 37/,
    ],
  ] as const)('%s', async (_, files, message) => {
    expect(await attempt(files)).toMatchObject({
      code: 'data-damaged',
      message: expect.stringMatching(message),
    })
  })
})

it('a file that is read only in part lets its archive go on', async () => {
  const archive = await tar({ 'big.bin': new Uint8Array(200_000), 'a/1.png': png, 'last.txt': text('end') })
  const seen: string[] = []
  for await (const { path } of walk([fileOf('x.tar', archive)])) seen.push(path)
  expect(seen).toEqual(['big.bin', 'a/1.png', 'last.txt'])
})
