import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join as pathJoin } from 'node:path'
import { gzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { Library } from '../library'
import { MapStore } from '../tiny.testing'
import {
  cifar10Files,
  cifarRecord,
  decode,
  fileOf,
  idxFile,
  importFiles,
  join,
  load,
  matFile,
  OPTIONS,
  stored,
  tar,
  tarGz,
} from './import.testing'
import { planImport, verify } from './importPlan'
import { runImport } from './runImport'
import { surveyInputs } from './survey'

const golden = (name: string) => new Uint8Array(readFileSync(pathJoin('src/core/data/import/goldens', name)))
const text = (value: string) => new TextEncoder().encode(value)
const sha = (images: Uint8Array[]) =>
  createHash('sha256')
    .update(join(...images))
    .digest('hex')

describe('CIFAR', () => {
  const expected = Uint8Array.from({ length: 3072 }, (_, k) => 64 * (k % 3) + 2 * Math.floor(k / 96) + 9)

  it.each([
    ['tar.gz', async () => [fileOf('cifar.tar.gz', await tarGz(cifar10Files()))]],
    ['tar', async () => [fileOf('cifar.tar', await tar(cifar10Files()))]],
    ['zip', async () => [fileOf('cifar.zip', zipSync(cifar10Files()))]],
    [
      'unpacked files',
      async () => Object.entries(cifar10Files()).map(([path, bytes]) => fileOf(path, bytes)),
    ],
  ])('CIFAR-10 from %s: pixels, labels, batches in their order', async (_, files) => {
    const imported = await importFiles(await files())
    const { manifest } = imported.record
    expect(manifest).toMatchObject({ name: 'cifar10', height: 32, width: 32, channels: 3 })
    expect(manifest.splits).toEqual({ train: 4, test: 1 })
    expect(manifest.class_names.slice(0, 2)).toEqual(['plane', 'car'])
    expect(manifest.class_counts?.train).toEqual([1, 0, 0, 1, 1, 0, 0, 0, 0, 1])
    const train = await stored(imported, 'train')
    expect(train.labels).toEqual([0, 9, 3, 4])
    expect(train.images[1]).toEqual(expected)
    expect((await load(imported)).test.labels).toEqual(Uint8Array.of(5))
    expect((await load(imported, false)).test.labels).toEqual(Uint8Array.of(4))
  })

  it('CIFAR-100: fine labels, or the coarse ones under another name', async () => {
    const files = {
      'cifar-100-binary/train.bin': join(cifarRecord(19, 99), cifarRecord(3, 7)),
      'cifar-100-binary/test.bin': cifarRecord(0, 50),
      'cifar-100-binary/fine_label_names.txt': text(
        Array.from({ length: 100 }, (_, i) => `f${i}`).join('\n'),
      ),
      'cifar-100-binary/coarse_label_names.txt': text(
        Array.from({ length: 20 }, (_, i) => `c${i}`).join('\n'),
      ),
    }
    const archive = [fileOf('cifar-100.tar.gz', await tarGz(files))]
    const fine = await importFiles(archive)
    expect((await stored(fine, 'train')).labels).toEqual([99, 7])
    expect(fine.record.manifest).toMatchObject({
      name: 'cifar100',
      mean: [0.5070751309394836, 0.48654887080192566, 0.44091784954071045],
    })
    expect(fine.record.manifest.class_names[99]).toBe('f99')
    const coarse = await importFiles(archive, { labels: 'coarse' })
    expect((await stored(coarse, 'train')).labels).toEqual([19, 3])
    expect(coarse.record.manifest).toMatchObject({ name: 'cifar100_coarse' })
    expect(coarse.record.manifest.class_names).toHaveLength(20)
  })

  it('the archive of pickles is refused, and the answer names the one to take', async () => {
    const pickle = Uint8Array.of(0x80, 2, 0x7d, 0x71, 1)
    const archive = await tarGz({ 'cifar-10-batches-py/data_batch_1': pickle })
    await expect(importFiles([fileOf('cifar-10-python.tar.gz', archive)])).rejects.toMatchObject({
      code: 'unsupported',
      remedy: expect.stringMatching(/cifar-10-binary\.tar\.gz/),
    })
    await expect(importFiles([fileOf('cifar-100-python/train', pickle)])).rejects.toMatchObject({
      remedy: expect.stringMatching(/cifar-100-binary\.tar\.gz/),
    })
  })

  it('what is not the official archive is said to differ', async () => {
    const { record } = await importFiles([fileOf('cifar-10-binary.tar.gz', await tarGz(cifar10Files()))])
    expect(record.verification).toBe('differs')
    expect(record.verification_note).toMatch(/170052171 bytes, SHA-256 c4a38c50/)
  })
})

describe('verify', () => {
  const sum = { file: 'x.tar.gz', bytes: 1, sha256: '0'.repeat(64), md5: undefined }
  const official = 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd'
  const whole = { name: 'cifar10', title: 'CIFAR-10', counts: { train: 50_000, test: 10_000 } }

  it.each([
    ['the official sum under any name', whole, [{ ...sum, sha256: official }], 'verified'],
    ['another sum', whole, [sum], 'differs'],
    ['unpacked files in the right number', whole, [{ ...sum, file: 'data_batch_1.bin' }], 'unknown'],
    ['unpacked files in another number', { ...whole, counts: { train: 10_000, test: 2000 } }, [], 'differs'],
    [
      'a set without known sums',
      { name: 'mine', title: 'Mine', counts: { train: 5, test: 5 } },
      [sum],
      'unknown',
    ],
  ] as const)('%s', (_, layout, sums, verification) => {
    expect(verify(layout, sums).verification).toBe(verification)
  })
})

describe('SVHN', () => {
  it('reads scipy’s files, compressed and not, as scipy does', async () => {
    const { train_sha256, test_sha256 } = JSON.parse(new TextDecoder().decode(golden('expected.json')))
    const imported = await importFiles([
      fileOf('train_32x32.mat', golden('train_32x32.mat')),
      fileOf('test_32x32.mat', golden('test_32x32.mat')),
    ])
    const train = await stored(imported, 'train')
    const test = await stored(imported, 'test')
    expect([sha(train.images), sha(test.images)]).toEqual([train_sha256, test_sha256])
    // 10 is the digit 0.
    expect([train.labels, test.labels]).toEqual([[1, 0, 3], [2]])
  })

  it.each([true, false])(
    'either byte order, labels as doubles, extra after train (little-endian %s)',
    async (little) => {
      const images = (count: number, base: number) => ({
        dims: [32, 32, 3, count],
        type: 2 as const,
        values: Uint8Array.from({ length: 3072 * count }, (_, i) => base + Math.floor(i / 3072)),
      })
      const labels = (...values: number[]) => ({ dims: [values.length, 1], type: 9 as const, values })
      const imported = await importFiles([
        fileOf('extra_32x32.mat', matFile({ X: images(2, 100), y: labels(7, 8) }, little)),
        fileOf('test_32x32.mat', matFile({ y: labels(10), X: images(1, 50) }, little)),
        fileOf('train_32x32.mat', matFile({ X: images(2, 1), y: labels(4, 5) }, little)),
      ])
      const train = await stored(imported, 'train')
      expect(train.labels).toEqual([4, 5, 7, 8])
      expect(train.images.map((image) => image[0])).toEqual([1, 2, 100, 101])
      expect((await stored(imported, 'test')).labels).toEqual([0])
    },
  )
})

describe('IDX', () => {
  const pixels = (count: number) => Uint8Array.from({ length: count * 6 }, (_, i) => i)
  const files = (): [string, Uint8Array][] => [
    ['train-images-idx3-ubyte', idxFile([3, 2, 3], pixels(3))],
    ['train-labels-idx1-ubyte', idxFile([3], Uint8Array.of(0, 2, 1))],
    ['t10k-images-idx3-ubyte', idxFile([2, 2, 3], pixels(2))],
    ['t10k-labels-idx1-ubyte', idxFile([2], Uint8Array.of(1, 1))],
  ]

  it.each(['plain', 'gz', 'one zip'])('four files, %s', async (kind) => {
    const inputs =
      kind === 'one zip'
        ? [fileOf('mnist.zip', zipSync(Object.fromEntries(files())))]
        : files().map(([name, bytes]) =>
            kind === 'gz' ? fileOf(`${name}.gz`, gzipSync(bytes)) : fileOf(name, bytes),
          )
    const imported = await importFiles(inputs)
    expect(imported.record.manifest).toMatchObject({
      name: 'mnist',
      height: 2,
      width: 3,
      channels: 1,
      class_names: ['0', '1', '2'],
      mean: [0.1307],
    })
    const train = await stored(imported, 'train')
    expect(train.labels).toEqual([0, 2, 1])
    expect(join(...train.images)).toEqual(pixels(3))
  })

  it('images without their labels, or of one split only, are asked for', async () => {
    const named = files().map(([name, bytes]) => fileOf(name, bytes))
    await expect(importFiles(named.slice(0, 1))).rejects.toMatchObject({ code: 'data-missing' })
    await expect(importFiles(named.slice(0, 2))).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringMatching(/no test images/),
    })
  })
})

describe('runImport, ended early', () => {
  const prepare = async (store: MapStore) => {
    const inputs = [fileOf('cifar.tar.gz', await tarGz(cifar10Files()))]
    const survey = await surveyInputs(inputs, () => {})
    const library = new Library(store)
    return { inputs, survey, plan: planImport(survey, OPTIONS), library }
  }

  it('no room: said before anything is written', async () => {
    const store = new MapStore()
    const { inputs, survey, plan, library } = await prepare(store)
    const ports = { library, decode, room: async () => plan.bytes - 1 }
    await expect(runImport(inputs, survey, plan, ports, () => {})).rejects.toMatchObject({
      code: 'storage-full',
    })
    expect(store.kept.size).toBe(0)
  })

  it('a disk that fills: nothing of it stays, and what was there stays', async () => {
    const store = new MapStore()
    await store.put('fashion_mnist/train-00/abc', Uint8Array.of(1))
    const { inputs, survey, plan, library } = await prepare(store)
    for (const room of [1, 2, 3]) {
      store.room = room
      const ports = { library, decode, room: async () => undefined }
      await expect(runImport(inputs, survey, plan, ports, () => {})).rejects.toMatchObject({
        code: 'storage-full',
      })
      expect([...store.kept.keys()]).toEqual(['fashion_mnist/train-00/abc'])
    }
  })

  it('cancelled at any moment: nothing of it stays', async () => {
    for (let after = 0; after < 4; after++) {
      const store = new MapStore()
      const { inputs, survey, plan, library } = await prepare(store)
      const abort = new AbortController()
      let told = 0
      const onProgress = () => {
        if (told++ === after) abort.abort()
      }
      const ports = { library, decode, room: async () => undefined }
      const outcome = await runImport(inputs, survey, plan, ports, onProgress, abort.signal).catch(
        (error) => error,
      )
      if (told <= after) break
      expect(outcome).toMatchObject({ code: 'cancelled' })
      expect(store.kept.size).toBe(0)
    }
  })
})
