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
import { planImport, verify } from './plan'
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

describe('pictures', () => {
  const png = golden('plain.png')
  const jpg = golden('plain.jpg')

  it.each(['gnu.tar.gz', 'pax.tar.gz', 'mine.zip'])(
    'Python’s %s: splits and classes in any script, long names',
    async (name) => {
      const imported = await importFiles([fileOf(name, golden(name))])
      const { manifest, num_skipped } = imported.record
      expect(manifest.class_names).toEqual(['собака', '猫'])
      expect(manifest.splits).toEqual({ train: 2, test: 2 })
      expect([manifest.height, manifest.width, manifest.channels, manifest.scattered]).toEqual([
        8,
        8,
        3,
        true,
      ])
      expect(num_skipped).toBe(0)
      const { images } = await stored(imported, 'train')
      // The middle square of 24 × 16: red, green, blue, light grey quarters.
      const at = (y: number, x: number) => [...images[0].subarray((y * 8 + x) * 3, (y * 8 + x) * 3 + 3)]
      expect([at(1, 1), at(1, 6), at(6, 1), at(6, 6)]).toEqual([
        [250, 10, 10],
        [10, 250, 10],
        [10, 10, 250],
        [240, 240, 240],
      ])
    },
  )

  it('EXIF rotation is ignored, progressive and grey JPEGs are read, CMYK is passed over by name', async () => {
    const files = ['plain', 'rotated', 'progressive', 'grey', 'cmyk'].map((name) =>
      fileOf(`set/train/a/${name}.jpg`, golden(`${name}.jpg`)),
    )
    files.push(
      fileOf('set/train/b/1.png', png),
      fileOf('set/test/a/1.png', png),
      fileOf('set/test/b/1.png', png),
    )
    const imported = await importFiles(files)
    expect(imported.record.skipped).toEqual([
      { path: 'set/train/a/cmyk.jpg', reason: expect.stringMatching(/cannot be decoded/) },
    ])
    const { images } = await stored(imported, 'train')
    // Sorted by nobody: the order is the files' own. grey, plain, progressive, rotated come as they were handed in.
    const [plain, rotated, progressive] = images
    expect(rotated).toEqual(plain)
    progressive.forEach((value, i) => {
      expect(Math.abs(value - plain[i])).toBeLessThanOrEqual(8)
    })
  })

  it('class folders: a seeded tenth of each class is for testing, at least one image', async () => {
    const files = ['a', 'b'].flatMap((name) =>
      Array.from({ length: name === 'a' ? 20 : 3 }, (_, i) => fileOf(`pets/${name}/${i}.png`, png)),
    )
    const { record } = await importFiles(files)
    expect(record.manifest).toMatchObject({
      name: 'pets',
      splits: { train: 20, test: 3 },
      class_counts: { train: [18, 2], test: [2, 1] },
    })
    expect((await importFiles(files)).record.manifest.shards).toEqual(record.manifest.shards)
  })

  it('what is no picture, empty, twice there or leads outside is listed and passed over', async () => {
    const files = {
      'set/a/1.png': png,
      'set/a/2.png': png,
      'set/b/1.png': jpg,
      'set/b/2.png': png,
      'set/b/empty.png': new Uint8Array(),
      'set/b/text.png': text('I am not a picture, whatever my name says.'),
      'set/b/readme.md': text('hello'),
      '../../etc/c/1.png': png,
      '/abs/c/1.png': png,
      'set/b/.DS_Store': text('x'),
    }
    const archive = await tar(files)
    const doubled = join(archive.subarray(0, 512 + 512), archive)
    const { record } = await importFiles([fileOf('set.tar', doubled)])
    const reasons = new Map(record.skipped.map(({ path, reason }) => [path, reason]))
    expect(record.manifest.class_names).toEqual(['a', 'b'])
    expect(record.manifest.splits).toEqual({ train: 2, test: 2 })
    expect(reasons.get('set/a/1.png')).toMatch(/same name/)
    expect(reasons.get('set/b/empty.png')).toBe('empty')
    expect(reasons.get('set/b/text.png')).toMatch(/not a picture/)
    expect(reasons.get('set/b/readme.md')).toMatch(/not a picture/)
    expect(reasons.get('../../etc/c/1.png')).toMatch(/outside|out of/)
    expect(reasons.get('/abs/c/1.png')).toMatch(/outside|out of/)
    expect(record.num_skipped).toBe(6)
  })

  it.each([
    ['one class', { 'set/a/1.png': png, 'set/a/2.png': png }, 'file-format'],
    ['no images', { 'set/a/readme.md': text('x') }, 'file-format'],
    ['one image a class', { 'set/a/1.png': png, 'set/b/1.png': png }, 'data-missing'],
  ] as const)('%s is refused', async (_, files, code) => {
    const inputs = Object.entries(files).map(([path, bytes]) => fileOf(path, bytes))
    await expect(importFiles(inputs)).rejects.toMatchObject({ code, remedy: expect.stringMatching(/\w/) })
  })

  it('ImageNet: a tar of tars, flat validation images and the devkit', async () => {
    const wnids = ['n01440764', 'n01443537']
    const train = await tar(
      Object.fromEntries(
        await Promise.all(
          wnids.map(async (wnid) => [
            `${wnid}.tar`,
            await tar({ [`${wnid}_1.JPEG`]: jpg, [`${wnid}_2.JPEG`]: jpg }),
          ]),
        ),
      ),
    )
    const val = await tar({ 'ILSVRC2012_val_00000001.JPEG': jpg, 'ILSVRC2012_val_00000002.JPEG': jpg })
    const inputs = [fileOf('ILSVRC2012_img_train.tar', train), fileOf('ILSVRC2012_img_val.tar', val)]
    await expect(importFiles(inputs)).rejects.toMatchObject({ remedy: expect.stringMatching(/devkit/) })
    const devkit = await tarGz({
      'ILSVRC2012_devkit_t12/data/meta.mat': golden('meta.mat'),
      // IDs are not in the order of the wnids: 1 is n01443537.
      'ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt': text('2\n1\n'),
    })
    const imported = await importFiles([...inputs, fileOf('ILSVRC2012_devkit_t12.tar.gz', devkit)])
    expect(imported.record.manifest.class_names).toEqual(wnids)
    expect((await stored(imported, 'train')).labels).toEqual([0, 0, 1, 1])
    expect((await stored(imported, 'test')).labels).toEqual([0, 1])
  })

  it('Stanford Cars: the devkit’s lists; the same name in both folders is two images', async () => {
    const imported = await importFiles([
      ...['cars_train/00001.jpg', 'cars_train/00002.jpg', 'cars_test/00001.jpg'].map((path) =>
        fileOf(path, jpg),
      ),
      ...['cars_meta', 'cars_train_annos', 'cars_test_annos_withlabels'].map((name) =>
        fileOf(`devkit/${name}.mat`, golden(`${name}.mat`)),
      ),
    ])
    expect(imported.record.manifest.class_names[195]).toBe('Car 196')
    expect((await stored(imported, 'train')).labels).toEqual([13, 195])
    expect((await stored(imported, 'test')).labels).toEqual([0])
  })

  it('Pets: its own lists', async () => {
    const imported = await importFiles([
      fileOf(
        'images.tar.gz',
        await tarGz({
          'images/Abyssinian_1.jpg': jpg,
          'images/great_pyrenees_2.jpg': jpg,
          'images/pug_3.jpg': jpg,
        }),
      ),
      fileOf(
        'annotations.tar.gz',
        await tarGz({
          'annotations/trainval.txt': text('Abyssinian_1 1 1 1\npug_3 29 2 15\n'),
          'annotations/test.txt': text('great_pyrenees_2 16 2 7\ngone_9 2 1 1\n'),
        }),
      ),
    ])
    expect((await stored(imported, 'train')).labels).toEqual([0, 28])
    expect((await stored(imported, 'test')).labels).toEqual([15])
    expect(imported.record.manifest.class_names[15]).toBe('great pyrenees')
    expect(imported.record.skipped).toEqual([{ path: '1 images', reason: expect.stringMatching(/lists/) }])
  })

  it('Food-101 and FGVC-Aircraft: their own lists', async () => {
    const food = await importFiles([
      fileOf(
        'food-101.tar.gz',
        await tarGz({
          'food-101/images/pizza/2.jpg': jpg,
          'food-101/images/apple_pie/1.jpg': jpg,
          'food-101/meta/classes.txt': text('apple_pie\npizza\n'),
          'food-101/meta/train.txt': text('pizza/2\n'),
          'food-101/meta/test.txt': text('apple_pie/1\n'),
        }),
      ),
    ])
    expect((await stored(food, 'train')).labels).toEqual([1])
    const aircraft = await importFiles([
      fileOf(
        'fgvc.tar.gz',
        await tarGz({
          'data/images/0000001.jpg': jpg,
          'data/images/0000002.jpg': jpg,
          'data/variants.txt': text('707-320\n737 Max\n'),
          'data/images_variant_trainval.txt': text('0000002 737 Max\n'),
          'data/images_variant_test.txt': text('0000001 707-320\n'),
        }),
      ),
    ])
    expect((await stored(aircraft, 'train')).labels).toEqual([1])
    expect((await stored(aircraft, 'test')).labels).toEqual([0])
  })

  it('Flowers: labels and splits from its .mat files', async () => {
    const row = (...values: number[]) => ({ dims: [1, values.length], type: 4 as const, values })
    const imported = await importFiles([
      fileOf(
        '102flowers.tgz',
        await tarGz({ 'jpg/image_00001.jpg': jpg, 'jpg/image_00002.jpg': jpg, 'jpg/image_00003.jpg': jpg }),
      ),
      fileOf('imagelabels.mat', matFile({ labels: row(77, 1, 102) }, true)),
      fileOf('setid.mat', matFile({ trnid: row(3), valid: row(1), tstid: row(2) }, true)),
    ])
    expect(imported.record.manifest.name).toBe('Flowers')
    expect((await stored(imported, 'train')).labels.sort()).toEqual([101, 76])
    expect((await stored(imported, 'test')).labels).toEqual([0])
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
