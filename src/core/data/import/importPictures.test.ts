/** Sets of pictures, each in the layout that its authors or Python's own tools give it. */
import { readFileSync } from 'node:fs'
import { join as pathJoin } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { pictureDecoder } from '../../../platform/pictures/pictureCodecs'
import { MapStore } from '../tiny.testing'
import { fileOf, importFiles, join, matFile, stored, tar, tarGz } from './import.testing'

const golden = (name: string) => new Uint8Array(readFileSync(pathJoin('src/core/data/import/goldens', name)))
const text = (value: string) => new TextEncoder().encode(value)

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

  it('EXIF rotation is ignored; progressive, grey and CMYK JPEGs are read, one that ends early is passed over', async () => {
    const files = ['plain', 'rotated', 'progressive', 'grey', 'cmyk'].map((name) =>
      fileOf(`set/train/a/${name}.jpg`, golden(`${name}.jpg`)),
    )
    files.push(
      fileOf('set/train/b/1.png', png),
      fileOf('set/test/a/1.png', png),
      fileOf('set/test/b/1.png', png),
      fileOf('set/train/a/cut.jpg', jpg.subarray(0, jpg.length - 2)),
    )
    const imported = await importFiles(files)
    expect(imported.record.skipped).toEqual([{ path: 'set/train/a/cut.jpg', reason: 'ends early' }])
    const { images } = await stored(imported, 'train')
    // Sorted by nobody: the order is the files' own.
    const [plain, rotated, progressive, , cmyk] = images
    expect(rotated).toEqual(plain)
    for (const other of [progressive, cmyk]) {
      other.forEach((value, i) => {
        expect(Math.abs(value - plain[i])).toBeLessThanOrEqual(8)
      })
    }
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

  const inFolder = (folder: string) =>
    ['a/1.png', 'a/2.png', 'b/1.png', 'b/2.png'].map((path) => fileOf(`${folder}/${path}`, png))

  it.each(['fashion_mnist', 'cifar10', 'cifar100_coarse', 'Birdsnap'])(
    'pictures of one’s own are refused the name %s, with another one as remedy; nothing is written',
    async (name) => {
      const store = new MapStore()
      await expect(importFiles(inFolder('pets'), { name }, store)).rejects.toMatchObject({
        code: 'config',
        message: expect.stringContaining(`got "${name}"`),
        remedy: expect.stringMatching(/another name.*pets/),
      })
      expect(store.kept.size).toBe(0)
    },
  )

  it.each([
    ['cifar10', 'cifar10_images'],
    ['fashion_mnist', 'fashion_mnist_images'],
    ['Birdsnap', 'Birdsnap'],
    ['Oxford_IIIT_Pets', 'Oxford_IIIT_Pets'],
    ['flowers', 'flowers'],
  ])('pictures in a folder %s are called %s', async (folder, name) => {
    const { record } = await importFiles(inFolder(folder), { name })
    expect((await importFiles(inFolder(folder))).record.manifest.name).toBe(name)
    expect(record.manifest.name).toBe(name)
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

  it('1,500 damaged pictures cost the good ones after them nothing', async () => {
    const files: Record<string, Uint8Array> = {}
    for (let i = 0; i < 1500; i++) files[`set/a/${i}.png`] = png.subarray(0, 30 + (i % (png.length - 50)))
    for (let i = 0; i < 40; i++) files[`set/b/${i}.png`] = png
    for (let i = 0; i < 40; i++) files[`set/a/x${i}.png`] = png
    const { record } = await importFiles([fileOf('set.zip', zipSync(files, { level: 0 }))])
    expect(record.num_skipped).toBe(1500)
    expect(record.manifest.class_counts).toMatchObject({ train: [expect.any(Number), 36] })
    expect(record.manifest.splits.train + record.manifest.splits.test).toBe(80)
  })

  it('a codec that cannot be loaded ends the import under its own code, and leaves nothing', async () => {
    const files = ['a/1', 'a/2', 'b/1', 'b/2'].map((name) => fileOf(`set/${name}.png`, png))
    const store = new MapStore()
    const gone = pictureDecoder(() => Promise.reject(new Error('answered 404')))
    await expect(importFiles(files, {}, store, undefined, gone)).rejects.toMatchObject({
      code: 'not-loaded',
      message: expect.stringMatching(/png codec.*answered 404/),
    })
    expect(store.kept.size).toBe(0)
  })

  it('Cancel ends an import at once, whatever its decoder does', async () => {
    const files = ['a/1', 'a/2', 'b/1', 'b/2'].map((name) => fileOf(`set/${name}.png`, png))
    const store = new MapStore()
    const cancel = new AbortController()
    const hangs = () => {
      setTimeout(() => cancel.abort(), 1)
      return new Promise<never>(() => {})
    }
    await expect(importFiles(files, {}, store, cancel.signal, hangs)).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(store.kept.size).toBe(0)
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
          'food-101/images/pizza/1.jpg': jpg,
          'food-101/images/apple_pie/1.jpg': jpg,
          'food-101/meta/classes.txt': text('apple_pie\npizza\n'),
          'food-101/meta/train.txt': text('pizza/1\n'),
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

  it('a zip64 archive of Python’s zipfile', async () => {
    const imported = await importFiles([fileOf('wide.zip', golden('wide.zip'))])
    expect(imported.record.manifest).toMatchObject({ class_names: ['a', 'b'], splits: { train: 2, test: 2 } })
    const [image] = (await stored(imported, 'train')).images
    const [plain] = (
      await stored(
        await importFiles(['a/1', 'a/2', 'b/1', 'b/2'].map((name) => fileOf(`set/${name}.png`, png))),
        'train',
      )
    ).images
    expect(image).toEqual(plain)
  })
})
