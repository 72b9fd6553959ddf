import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { BatchStream } from '../../core/data/batches/batchStream'
import { openDataset } from '../../core/data/catalog/manifests'
import { cifar10Files, tar } from '../../core/data/import/import.testing'
import { nodeEncoder } from '../../platform/node/imageCodecs'
import { type ImportSettings, importPaths } from './dataImport'
import { dataPorts, NodeLibrary, readDataset } from './datasets'

const encode = nodeEncoder(process.cwd())
const SETTINGS: ImportSettings = {
  name: undefined,
  imageSize: 12,
  labels: 'fine',
  encoding: undefined,
  copy: false,
  confirm: async () => true,
  note: () => {},
}
const config = {
  ...DEFAULT_CONFIG,
  dataset: 'photos',
  num_train_examples: null,
  label_noise: 0,
  batch_size: 4,
}

const picture = (seed: number) =>
  encode(
    Uint8Array.from({ length: 16 * 16 * 3 }, (_, k) => (seed * 40 + k) % 256),
    16,
  )

let folder: string
let photos: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basin-'))
  vi.stubEnv('BASIN_DATA', join(folder, 'data'))
  photos = join(folder, 'photos')
  for (const name of ['ä cat', 'dog']) {
    await mkdir(join(photos, name), { recursive: true })
    for (let i = 0; i < 5; i++) await writeFile(join(photos, name, `${i}.jpg`), await picture(i))
  }
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const kept = async () =>
  (await readdir(join(folder, 'data'), { recursive: true })).filter((file) => /\.(bin|json)$/.test(file))

describe('importPaths', () => {
  it('a folder stays where it is: the same batches as its copy, and no pixels are stored', async () => {
    await importPaths([photos], SETTINGS)
    expect((await kept()).map((file) => file.replace(/.*\//, ''))).toEqual([
      'index-00000.bin',
      'paths-00000.json',
    ])
    await importPaths([photos], { ...SETTINGS, name: 'copied', copy: true })
    const inPlace = new BatchStream(await readDataset(config), config)
    const copied = await readDataset({ ...config, dataset: 'copied' })
    expect(copied.train.lazy).toBeUndefined()
    const expected = new BatchStream(copied, { ...config, dataset: 'copied' } as typeof config)
    for (const step of [0, 1, 2]) expect(await inPlace.make(step)).toEqual(expected.batchAt(step))
    const library = new NodeLibrary()
    const [here, there] = [await library.open('photos'), await library.open('copied')]
    for (const [i, shard] of here!.manifest.shards.entries())
      expect(await here!.readShard(shard)).toEqual(await there!.readShard(there!.manifest.shards[i]))
  })

  it('the name of an official set is refused, and that set stays what it is', async () => {
    for (const copy of [false, true]) {
      await expect(importPaths([photos], { ...SETTINGS, name: 'fashion_mnist', copy })).rejects.toMatchObject(
        {
          code: 'config',
          message: expect.stringMatching(/official data set.*got "fashion_mnist"/),
          remedy: expect.stringMatching(/another name.*photos/),
        },
      )
    }
    expect(await new NodeLibrary().list()).toEqual([])
    await expect(openDataset('fashion_mnist', dataPorts())).resolves.toMatchObject({
      manifest: { title: 'Fashion-MNIST' },
    })
  })

  it('a picture that was replaced or taken away is found out', async () => {
    await importPaths([photos], SETTINGS)
    await writeFile(join(photos, 'dog', '2.jpg'), await picture(9))
    const epoch = async () => {
      const stream = new BatchStream(await readDataset(config), config)
      for (let step = 0; step < stream.stepsPerEpoch; step++) await stream.make(step)
      const dataset = await readDataset(config)
      await dataset.test.lazy?.pixels(Uint32Array.of(0, 1))
    }
    await expect(epoch()).rejects.toMatchObject({ code: 'data-damaged' })
    await rm(join(photos, 'dog'), { recursive: true })
    await expect(epoch()).rejects.toMatchObject({ code: 'data-missing' })
  })

  it('pictures in a folder’s archives are copied, as files where that is asked for', async () => {
    const archives = join(folder, 'archives')
    await mkdir(archives)
    for (const name of ['a', 'b']) {
      const files: Record<string, Uint8Array> = {}
      for (let i = 0; i < 4; i++) files[`${name}/${i}.jpg`] = await picture(i)
      await writeFile(join(archives, `${name}.tar`), await tar(files))
    }
    const notes: string[] = []
    const note = (line: string) => void notes.push(line)
    await importPaths([archives], { ...SETTINGS, name: 'photos', encoding: 'jpeg', note })
    expect(notes.join()).toMatch('their pictures are copied')
    const dataset = await readDataset(config)
    expect([dataset.train.count, dataset.train.lazy !== undefined]).toEqual([6, true])
    const record = await new NodeLibrary().get('photos')
    expect([record?.in_place, record?.manifest.encoding]).toEqual([undefined, 'jpeg'])
  })

  it('a folder of CIFAR’s unpacked files is read in place too', async () => {
    const cifar = join(folder, 'cifar')
    for (const [path, bytes] of Object.entries(cifar10Files())) {
      await mkdir(join(cifar, path, '..'), { recursive: true })
      await writeFile(join(cifar, path), bytes)
    }
    await importPaths([cifar], SETTINGS)
    expect(await kept()).toEqual([])
    const dataset = await readDataset({ ...config, dataset: 'cifar10' })
    expect([...dataset.train.labels].sort()).toEqual([0, 3, 4, 9])
    expect(dataPorts().decode).toBeDefined()
  })
})
