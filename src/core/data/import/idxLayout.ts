/** MNIST-like sets: IDX files in pairs, images [N, H, W] and labels [N], told apart by their headers. */
import { BasinError } from '../../../base/errors'
import { ByteReader } from '../../formats/byteStream'
import { knownDataset } from '../catalog/catalog'
import { parseIdx } from '../shards/idx'
import { baseName, broken, type Recogniser, type Sample, type SplitName, sampleLayout } from './layout'
import { isIdx, type Survey } from './survey'

const HEADER = 16
/** MNIST-like pictures are small; a header that says otherwise is no header. */
const LARGEST_SIDE = 1024

interface Pair {
  path: string
  split: SplitName
  labels: Uint8Array
}

export const recogniseIdx: Recogniser = (survey) => {
  const images = survey.files.filter(({ head }) => isIdx(head) && head?.[3] === 3)
  if (images.length === 0) return undefined
  const shapes = images.map(({ path, head }) => shapeOf(path, head as Uint8Array))
  const [, height, width] = shapes[0]
  if (shapes.some(([, h, w]) => h !== height || w !== width)) {
    throw broken(
      `${images[0].path}: all images of one size, got ${shapes.map(([, h, w]) => `${h} × ${w}`).join(', ')}`,
    )
  }
  const pairs = images.map(({ path }, i): Pair => {
    const split = /(^|[^a-z])(t10k|test|val)/i.test(baseName(path)) ? 'test' : 'train'
    return { path, split, labels: labelsOf(survey, path, split, shapes[i][0]) }
  })
  const counts = { train: 0, test: 0 }
  for (const { split, labels } of pairs) counts[split] += labels.length
  const classes = 1 + pairs.reduce((top, { labels }) => labels.reduce((a, b) => Math.max(a, b), top), 0)
  const fashion = knownDataset('fashion_mnist')
  const official = survey.sums.some(({ sha256 }) =>
    fashion?.archives.some((archive) => archive.sha256 === sha256),
  )
  const name = official ? 'fashion_mnist' : 'mnist'
  const about = {
    name,
    title: official ? 'Fashion-MNIST' : 'MNIST-like images',
    height,
    width,
    channels: 1,
    classNames: official
      ? (fashion?.classNames ?? [])
      : Array.from({ length: Math.max(2, classes) }, (_, label) => String(label)),
    counts,
  }
  return sampleLayout(about, pairs, (stream, pair) => idxImages(stream, pair, height * width))
}

function shapeOf(path: string, head: Uint8Array): [number, number, number] {
  if (head.length < HEADER) throw broken(`${path}: ends within its header`)
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const [count, height, width] = [4, 8, 12].map((at) => view.getUint32(at))
  if (count < 1 || height < 1 || width < 1 || height > LARGEST_SIDE || width > LARGEST_SIDE) {
    throw broken(
      `${path}: images of 1 to ${LARGEST_SIDE} pixels a side, got ${count} of ${height} × ${width}`,
    )
  }
  return [count, height, width]
}

/** The label file of the same split: by its name, or the only one of that length. */
function labelsOf(survey: Survey, path: string, split: SplitName, count: number): Uint8Array {
  const candidates = survey.files
    .filter(({ head }) => isIdx(head) && head?.[3] === 1)
    .flatMap((file) => {
      const bytes = survey.small.get(file.path)
      return bytes ? [{ path: file.path, labels: parseIdx(bytes, file.path).data }] : []
    })
    .filter(({ labels }) => labels.length === count)
  const named = candidates.filter(
    (file) =>
      baseName(file.path) ===
      baseName(path)
        .replace(/images/i, 'labels')
        .replace(/idx3/i, 'idx1'),
  )
  const [found] = named.length > 0 ? named : candidates
  if (!found) {
    throw new BasinError(
      'data-missing',
      `${path}: a label file with ${count} labels beside it, got none`,
      `Hand in the ${split === 'train' ? 'training' : 'test'} images and their labels (idx1) together.`,
    )
  }
  return found.labels
}

async function* idxImages(
  stream: ReadableStream<Uint8Array>,
  { path, split, labels }: Pair,
  size: number,
): AsyncGenerator<Sample> {
  const reader = new ByteReader(stream)
  await reader.skip(HEADER)
  for (const label of labels) {
    const pixels = await reader.read(size)
    if (pixels.length < size) throw broken(`${path}: ends early, after fewer than ${labels.length} images`)
    yield { split, group: 0, label, pixels }
  }
  if (await reader.some(1)) throw broken(`${path}: ${labels.length} images by its header, got more bytes`)
}
