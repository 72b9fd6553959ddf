/** Imports bytes that a test made, in memory, as the page does it. */
import { gzipSync } from 'fflate'
import { packTar } from 'modern-tar'
import { concat } from '../../../base/concat'
import { nodeDecoder } from '../../../platform/node/imageCodecs'
import { streamOf } from '../../formats/byteStream'
import type { ImageDecoder, InputFile } from '../../ports'
import { Library, type StoredDataset } from '../library'
import { loadDataset } from '../loadDataset'
import { MapStore, TinySource } from '../tiny.testing'
import { type ImportOptions, planImport } from './importPlan'
import { runImport } from './runImport'
import { surveyInputs } from './survey'

export const decode = nodeDecoder(process.cwd())

export function fileOf(path: string, bytes: Uint8Array): InputFile {
  return {
    path,
    size: bytes.length,
    slice: async (start, end) => bytes.slice(Math.max(0, start), Math.max(0, end)),
    stream: () => streamOf(bytes),
  }
}

export const OPTIONS: ImportOptions = { imageSize: 8, labels: 'fine' }

export interface Imported {
  record: StoredDataset
  store: MapStore
  library: Library
}

/** @param store where it goes; a set that is there already must survive a failure */
export async function importFiles(
  inputs: InputFile[],
  options: Partial<ImportOptions> = {},
  store = new MapStore(),
  signal?: AbortSignal,
  decoder: ImageDecoder = decode,
): Promise<Imported> {
  const library = new Library(store)
  const survey = await surveyInputs(inputs, () => {}, signal)
  const plan = planImport(survey, { ...OPTIONS, ...options })
  const ports = { library, decode: decoder, room: async () => undefined }
  const record = await runImport(inputs, survey, plan, ports, () => {}, signal)
  return { record, store, library }
}

/** The whole set as training gets it, in the stored order. */
export function load({ library, record }: Imported, useTestSet = true) {
  return loadDataset(
    {
      dataset: record.manifest.name,
      num_train_examples: null,
      label_noise: 0,
      run_seed: 0,
      use_test_set: useTestSet,
    },
    { source: new TinySource(), store: new MapStore(), library },
    () => {},
  )
}

/** Stored images and labels of a split, shard after shard. */
export async function stored({ library, record }: Imported, split: 'train' | 'test') {
  const { manifest } = record
  const size = manifest.height * manifest.width * manifest.channels
  const images: Uint8Array[] = []
  const labels: number[] = []
  for (const shard of manifest.shards.filter((each) => each.split === split)) {
    const bytes = await library.readShard(record, shard)
    for (let i = 0; i < shard.count; i++) images.push(bytes.slice(i * size, (i + 1) * size))
    labels.push(...bytes.subarray(shard.count * size))
  }
  return { images, labels }
}

export async function tar(files: Record<string, Uint8Array>): Promise<Uint8Array> {
  return packTar(
    Object.entries(files).map(([name, body]) => ({
      header: { name, size: body.length, type: 'file' as const, mtime: new Date(0) },
      body,
    })),
  )
}

export const tarGz = async (files: Record<string, Uint8Array>): Promise<Uint8Array> =>
  gzipSync(await tar(files), { mtime: 0 })

/** A CIFAR-10 record whose pixel (row, column, channel) is 64·channel + 2·row + label, and its label. */
export function cifarRecord(...labels: number[]): Uint8Array {
  const planes = Uint8Array.from(
    { length: 3072 },
    (_, k) => 64 * Math.floor(k / 1024) + 2 * Math.floor((k % 1024) / 32),
  )
  return Uint8Array.from([...labels, ...planes.map((value) => value + labels[labels.length - 1])])
}

export const join = (...pieces: Uint8Array[]): Uint8Array => concat(pieces)

/** The archive's files with two training batches of two images and a test batch. */
export const cifar10Files = (): Record<string, Uint8Array> => ({
  'cifar-10-batches-bin/data_batch_2.bin': join(cifarRecord(3), cifarRecord(4)),
  'cifar-10-batches-bin/data_batch_1.bin': join(cifarRecord(0), cifarRecord(9)),
  'cifar-10-batches-bin/test_batch.bin': cifarRecord(5),
  'cifar-10-batches-bin/batches.meta.txt': new TextEncoder().encode(
    `${['plane', 'car', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'].join('\n')}\n\n`,
  ),
})

/** The IDX format's definition, written down once more. */
export function idxFile(shape: number[], data: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length))
  header.setUint32(0, 0x0800 + shape.length)
  shape.forEach((length, axis) => {
    header.setUint32(4 + 4 * axis, length)
  })
  return join(new Uint8Array(header.buffer), data)
}

/** A level 5 .mat file of numeric arrays, of either byte order, not compressed: the format written down once more. */
export function matFile(
  variables: Record<string, { dims: number[]; type: 2 | 4 | 9; values: ArrayLike<number> }>,
  little: boolean,
): Uint8Array {
  const padded = (bytes: Uint8Array) => join(bytes, new Uint8Array((8 - (bytes.length % 8)) % 8))
  const words = (...values: number[]) => {
    const view = new DataView(new ArrayBuffer(4 * values.length))
    values.forEach((value, i) => {
      view.setUint32(4 * i, value, little)
    })
    return new Uint8Array(view.buffer)
  }
  const element = (type: number, bytes: Uint8Array) => join(words(type, bytes.length), padded(bytes))
  const numbers = (type: number, values: ArrayLike<number>) => {
    const each = { 2: 1, 4: 2, 9: 8 }[type] as number
    const view = new DataView(new ArrayBuffer(each * values.length))
    for (let i = 0; i < values.length; i++) {
      if (type === 2) view.setUint8(i, values[i])
      else if (type === 4) view.setUint16(2 * i, values[i], little)
      else view.setFloat64(8 * i, values[i], little)
    }
    return new Uint8Array(view.buffer)
  }
  const header = new Uint8Array(128).fill(0x20)
  header.set(new TextEncoder().encode('MATLAB 5.0 MAT-file, made by a test'))
  header.set(little ? [0x00, 0x01, 0x49, 0x4d] : [0x01, 0x00, 0x4d, 0x49], 124)
  const matrices = Object.entries(variables).map(([name, { dims, type, values }]) =>
    element(
      14,
      join(
        element(6, words({ 2: 9, 4: 11, 9: 6 }[type], 0)),
        element(5, words(...dims)),
        element(1, new TextEncoder().encode(name)),
        element(type, numbers(type, values)),
      ),
    ),
  )
  return join(header, ...matrices)
}
