/**
 * CIFAR-10 and CIFAR-100 in their binary version: records of one label byte (CIFAR-100: coarse, then fine) and 3,072
 * pixel bytes, plane by plane, rows from the top.
 * Source: the data sets' page, "Binary version".
 */
import { BasinError } from '../../../base/errors'
import { ByteReader } from '../../formats/byteStream'
import { knownDataset } from '../catalog/catalog'
import {
  baseName,
  broken,
  type Layout,
  type Recogniser,
  type Sample,
  type SplitName,
  sampleLayout,
  textLines,
} from './layout'
import type { Survey } from './survey'

const PIXELS = 1024
const IMAGE = 3 * PIXELS
/** Records read at once. */
const AT_ONCE = 256

/** @throws BasinError `unsupported` for the archives of Python pickles, naming the one to take */
export const recogniseCifar: Recogniser = (survey, { labels }) => {
  refusePickles(survey)
  return cifar10(survey) ?? cifar100(survey, labels)
}

function cifar10(survey: Survey): Layout | undefined {
  const found = survey.files.flatMap(({ path, size }) => {
    const batch = /^(?:data_batch_(\d+)|test_batch)\.bin$/.exec(baseName(path))
    return batch ? [{ path, size, group: Number(batch[1] ?? 0), split: splitOf(batch[1] !== undefined) }] : []
  })
  if (found.length === 0) return undefined
  const names = lines(survey, 'batches.meta.txt')
  const classes = names.length === 10 ? names : (knownDataset('cifar10')?.classNames ?? [])
  return cifar('cifar10', found, classes, { labelAt: 0, labelBytes: 1 })
}

function cifar100(survey: Survey, labels: 'fine' | 'coarse'): Layout | undefined {
  const found = survey.files.flatMap(({ path, size }) => {
    const name = /^(train|test)\.bin$/.exec(baseName(path))
    return name ? [{ path, size, group: 0, split: name[1] as SplitName }] : []
  })
  if (found.length === 0) return undefined
  const count = labels === 'fine' ? 100 : 20
  const names = lines(survey, `${labels}_label_names.txt`)
  const classes = names.length === count ? names : Array.from({ length: count }, (_, i) => `class ${i}`)
  const layout = cifar('cifar100', found, classes, { labelAt: labels === 'fine' ? 1 : 0, labelBytes: 2 })
  return labels === 'fine'
    ? layout
    : { ...layout, name: 'cifar100_coarse', title: 'CIFAR-100, 20 coarse classes' }
}

interface File {
  path: string
  size: number | undefined
  group: number
  split: SplitName
}

function cifar(
  name: string,
  files: readonly File[],
  classNames: readonly string[],
  record: { labelAt: number; labelBytes: number },
): Layout {
  const bytes = record.labelBytes + IMAGE
  const counts = { train: 0, test: 0 }
  for (const { path, size = 0, split } of files) {
    if (size === 0 || size % bytes !== 0) {
      throw broken(`${path}: records of ${bytes} bytes, got ${size} bytes`)
    }
    counts[split] += size / bytes
  }
  const title = knownDataset(name)?.title ?? name
  const about = { name, title, height: 32, width: 32, channels: 3, classNames, counts }
  return sampleLayout(about, files, (stream, file) => cifarRecords(stream, file, record, classNames.length))
}

/** @throws BasinError `data-damaged` at a label that is no class, or when the file ends within a record */
export async function* cifarRecords(
  stream: ReadableStream<Uint8Array>,
  { path, group, split }: Pick<File, 'path' | 'group' | 'split'>,
  { labelAt, labelBytes }: { labelAt: number; labelBytes: number },
  numClasses: number,
): AsyncGenerator<Sample> {
  const size = labelBytes + IMAGE
  const reader = new ByteReader(stream)
  const pixels = new Uint8Array(IMAGE)
  for (let first = 0; ; first += AT_ONCE) {
    const bytes = await reader.read(AT_ONCE * size)
    if (bytes.length % size !== 0)
      throw broken(`${path}: ends within record ${first + Math.floor(bytes.length / size)}`)
    for (let at = 0; at < bytes.length; at += size) {
      const label = bytes[at + labelAt]
      if (label >= numClasses) {
        await reader.cancel()
        throw broken(`${path}: labels below ${numClasses}, got ${label} in record ${first + at / size}`)
      }
      interleave(bytes, at + labelBytes, pixels)
      yield { split, group, label, pixels }
    }
    if (bytes.length < AT_ONCE * size) return
  }
}

/** Three planes to pixels. */
function interleave(bytes: Uint8Array, at: number, pixels: Uint8Array): void {
  for (let p = 0; p < PIXELS; p++) {
    pixels[3 * p] = bytes[at + p]
    pixels[3 * p + 1] = bytes[at + PIXELS + p]
    pixels[3 * p + 2] = bytes[at + 2 * PIXELS + p]
  }
}

const splitOf = (train: boolean): SplitName => (train ? 'train' : 'test')

function lines(survey: Survey, name: string): string[] {
  const found = [...survey.small].find(([path]) => baseName(path) === name)
  return textLines(found?.[1])
}

/** A pickle can run any code when it is read, so it never is. */
function refusePickles({ files }: Survey): void {
  const pickle = files.find(
    ({ path, head }) =>
      head?.[0] === 0x80 &&
      head[1] <= 5 &&
      /^(data_batch_\d+|test_batch|batches\.meta|train|test|meta)$/.test(baseName(path)),
  )
  if (!pickle) return
  const hundred = /(^|\/)(cifar-100-python\/|train$|test$|meta$)/.test(pickle.path)
  const other = knownDataset(hundred ? 'cifar100' : 'cifar10')
  throw new BasinError(
    'unsupported',
    `${pickle.path}: the binary version of ${other?.title}, got the one of Python pickles, which may run code when read`,
    `Take “binary version (suitable for C programs)”, ${other?.files}, from ${other?.home}`,
  )
}
