/** What the bench imports: archives in their official layouts, made in memory, and one photograph. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'fflate'
import { randomStream } from '../../src/base/random'
import { planImport } from '../../src/core/data/import/importPlan'
import { runImport } from '../../src/core/data/import/runImport'
import { surveyInputs } from '../../src/core/data/import/survey'
import { Library } from '../../src/core/data/library'
import type { DataStore, InputFile } from '../../src/core/ports'
import { nodeDecoder } from '../../src/platform/node/imageCodecs'
import type { Runner } from '../alternate'
import type { Case } from './imageAugmentations'

interface Format {
  name: string
  side: number
  /** Inputs, and how many images they hold. */
  inputs(root: string): Promise<{ files: InputFile[]; count: number }>
  peer?(root: string): Case
}

const PER_FILE = 2000
const photograph = (root: string) => join(root, 'src/core/data/import/goldens/plain.jpg')

export const FORMATS: readonly Format[] = [
  {
    name: 'cifar10_bin',
    side: 32,
    inputs: async () => ({
      files: ['data_batch_1.bin', 'data_batch_2.bin', 'test_batch.bin'].map((file, i) =>
        inMemory(`cifar-10-batches-bin/${file}`, cifarRecords(i)),
      ),
      count: 3 * PER_FILE,
    }),
  },
  {
    name: 'idx_gz',
    side: 28,
    inputs: async () => ({
      files: ['train', 't10k'].flatMap((split) => [
        inMemory(`${split}-images-idx3-ubyte.gz`, gzipSync(idx([PER_FILE, 28, 28]))),
        inMemory(`${split}-labels-idx1-ubyte.gz`, gzipSync(idx([PER_FILE]))),
      ]),
      count: 2 * PER_FILE,
    }),
  },
  {
    name: 'jpeg',
    side: 32,
    inputs: async (root) => {
      const bytes = new Uint8Array(await readFile(photograph(root)))
      const files = ['train', 'test'].flatMap((split) =>
        ['a', 'b'].flatMap((label) =>
          Array.from({ length: 25 }, (_, i) => inMemory(`${split}/${label}/${i}.jpg`, bytes)),
        ),
      )
      return { files, count: files.length }
    },
    peer: (root) => ({ augmentation: 'none', file: photograph(root) }),
  },
]

export async function formatRunner(root: string, format: Format): Promise<Runner['run']> {
  const { files, count } = await format.inputs(root)
  const decode = nodeDecoder(root)
  return async (minMs) => {
    const started = performance.now()
    let steps = 0
    while (performance.now() - started < minMs) {
      const library = new Library(new MemoryStore())
      const survey = await surveyInputs(files, () => {})
      const plan = planImport(survey, { imageSize: 32, labels: 'fine' })
      await runImport(files, survey, plan, { library, decode, room: async () => undefined }, () => {})
      steps += count
    }
    return { steps, ms: performance.now() - started }
  }
}

function cifarRecords(seed: number): Uint8Array {
  const random = randomStream(seed, 'noise')
  return Uint8Array.from({ length: PER_FILE * 3073 }, (_, i) =>
    i % 3073 === 0 ? Math.floor(i / 3073) % 10 : random.int(256),
  )
}

/** Images of noise, or labels 0 … 9. */
function idx(shape: number[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length))
  header.setUint32(0, 0x0800 + shape.length)
  shape.forEach((length, axis) => {
    header.setUint32(4 + 4 * axis, length)
  })
  const size = shape.reduce((product, length) => product * length, 1)
  const random = randomStream(size, 'noise')
  const bytes = new Uint8Array(header.byteLength + size)
  bytes.set(new Uint8Array(header.buffer))
  for (let i = 0; i < size; i++) bytes[header.byteLength + i] = shape.length === 1 ? i % 10 : random.int(256)
  return bytes
}

function inMemory(path: string, bytes: Uint8Array): InputFile {
  return {
    path,
    size: bytes.length,
    slice: async (start, end) => bytes.slice(start, end),
    stream: () => new Blob([bytes as Uint8Array<ArrayBuffer>]).stream() as ReadableStream<Uint8Array>,
  }
}

class MemoryStore implements DataStore {
  readonly #bytes = new Map<string, Uint8Array>()
  get = async (key: string) => this.#bytes.get(key)
  getRange = async (key: string, start: number, end: number) => this.#bytes.get(key)?.slice(start, end)
  put = async (key: string, bytes: Uint8Array) => void this.#bytes.set(key, bytes)
  keys = async (prefix: string) => [...this.#bytes.keys()].filter((key) => key.startsWith(prefix)).sort()
  remove = async (keys: readonly string[]) => keys.forEach((key) => void this.#bytes.delete(key))
}
