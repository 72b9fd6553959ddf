/**
 * How photographs for networks of 224 pixels are kept: pixels, re-encoded JPEGs, or the files as they came. Images a
 * second from a folder to the stored square's pixels on one thread, bytes an image, and what JPEG costs in quality.
 * BENCH_PHOTOS names a folder of JPEGs; without it there is one small picture.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodePicture } from '../../src/core/data/pictures/decodePicture'
import { crc32 } from '../../src/core/formats/crc32'
import { imageHeader } from '../../src/core/formats/imageHeader'
import type { ImageDecoder } from '../../src/core/ports'
import { FolderDataStore } from '../../src/platform/node/folderDataStore'
import { nodeDecoder, nodeEncoder } from '../../src/platform/node/imageCodecs'
import type { Arena } from '../arena'
import { rowOf } from '../report'

const SIDE = 256
const MOST = 64
const SHARD = 40

export async function stores(arena: Arena): Promise<void> {
  const decode = nodeDecoder(arena.root)
  const encode = nodeEncoder(arena.root)
  const photos = await photographs(arena.root)
  const pixels = await Promise.all(photos.map((photo) => decodePicture(photo, decode, SIDE)))
  const of = { model: '', batch: 0, shape: `${SIDE}x${SIDE}` }
  const add = (name: string, unit: string, value: number) => arena.add([rowOf(of, name, unit, value)])
  const started = performance.now()
  const files: Uint8Array[] = []
  for (const image of pixels) files.push(await encode(image, SIDE))
  add('store_jpeg_encode', '1/s', (1000 * files.length) / (performance.now() - started))
  const folder = await mkdtemp(join(tmpdir(), 'basin-bench-'))
  try {
    const store = new FolderDataStore(folder)
    for (const [name, images] of [
      ['raw', pixels],
      ['jpeg', files],
      ['as_it_came', photos],
    ] as const) {
      const kept = await shardsOf(store, name, images)
      add(`store_${name}_bytes`, 'bytes', Math.round(meanOf(images, ({ length }) => length)))
      const seconds = arena.options.seconds / 10
      add(`store_${name}_read`, '1/s', await rate(store, kept, name === 'raw' ? undefined : decode, seconds))
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  const again = await Promise.all(files.map((file) => decodePicture(file, decode, SIDE)))
  const squares = meanOf(again, (image, i) => meanOf(image, (value, k) => (value - pixels[i][k]) ** 2))
  add('store_jpeg_psnr', 'dB', 10 * Math.log10(255 ** 2 / squares))
}

async function photographs(root: string): Promise<Uint8Array[]> {
  const folder = process.env.BENCH_PHOTOS
  if (!folder) return [await read(join(root, 'src/core/data/import/goldens/plain.jpg'))]
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.jpe?g$/i.test(name)).sort()
  const files = await Promise.all(names.map((name) => read(join(folder, name))))
  // CMYK is the browser's.
  return files.filter((file) => imageHeader(file)?.components === 3).slice(0, MOST)
}

const read = async (path: string) => new Uint8Array(await readFile(path))

interface Kept {
  key: string
  start: number
  length: number
  sum: number
}

async function shardsOf(store: FolderDataStore, name: string, images: readonly Uint8Array[]) {
  const kept: Kept[] = []
  for (let first = 0; first < images.length; first += SHARD) {
    const key = `${name}/${first}`
    const own = images.slice(first, first + SHARD)
    const bytes = new Uint8Array(own.reduce((sum, { length }) => sum + length, 0))
    let start = 0
    for (const image of own) {
      bytes.set(image, start)
      kept.push({ key, start, length: image.length, sum: crc32(image) })
      start += image.length
    }
    await store.put(key, bytes)
  }
  return kept
}

/** Every image in an order that jumps, read, checked and, where it is a file, decoded. */
async function rate(
  store: FolderDataStore,
  kept: readonly Kept[],
  decode: ImageDecoder | undefined,
  seconds: number,
): Promise<number> {
  const started = performance.now()
  let count = 0
  while (performance.now() - started < seconds * 1000) {
    const { key, start, length, sum } = kept[(count * 17) % kept.length]
    const bytes = await store.getRange(key, start, start + length)
    if (!bytes || crc32(bytes) !== sum) throw new Error('stores: an image came back changed')
    if (decode) await decodePicture(bytes, decode, SIDE)
    count++
  }
  return (1000 * count) / (performance.now() - started)
}

function meanOf<T>(items: ArrayLike<T>, value: (item: T, i: number) => number): number {
  let sum = 0
  for (let i = 0; i < items.length; i++) sum += value(items[i], i)
  return sum / items.length
}
