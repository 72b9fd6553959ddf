/** From a survey to what would be imported: recognised, counted, priced, compared with the official sums. */
import { BasinError } from '../../../base/errors'
import { DATASET_NAME, isOfficialName } from '../../config/datasetNames'
import { type KnownDataset, knownDataset } from '../catalog/catalog'
import type { Verification } from '../library'
import { labelBytes } from '../shards/shard'
import { recogniseCifar } from './cifar'
import { recogniseIdx } from './idxLayout'
import type { Layout, LayoutOptions, Recogniser } from './layout'
import {
  recogniseAircraft,
  recogniseCars,
  recogniseFlowers,
  recogniseFood,
  recogniseImagenet,
  recognisePets,
} from './officialPictures'
import { recogniseTree } from './pictures'
import type { Checksum, Survey } from './survey'
import { recogniseSvhn } from './svhn'

export interface ImportOptions extends LayoutOptions {
  /** Another name than the recognised one. */
  name?: string
  /** How pictures are stored; absent: what suits the set's size. */
  encoding?: 'raw' | 'jpeg'
}

export interface ImportPlan {
  layout: Layout
  name: string
  /** Storage that the shards will take. */
  bytes: number
  encoding: 'raw' | 'jpeg'
  verification: Verification
  /** What it rests on, in a sentence. */
  note: string
}

/** Special ones first: a folder of images is what is left. */
const RECOGNISERS: readonly Recogniser[] = [
  recogniseCifar,
  recogniseSvhn,
  recogniseIdx,
  recogniseFlowers,
  recognisePets,
  recogniseAircraft,
  recogniseFood,
  recogniseCars,
  recogniseImagenet,
  recogniseTree,
]

/** Pictures that take more than this as pixels are stored as JPEGs; docs/data.md has the measurement. */
const RAW_BYTES = 16 * 2 ** 30
/** Of its pixels, what a stored JPEG takes at most on average; photographs of 256 pixels took 0.14. */
const JPEG_SHARE = 0.2

export const IMAGE_SIZES = { min: 8, max: 512 }

/**
 * @throws BasinError `file-format` when nothing is recognised, `unsupported` (CIFAR's pickles), `data-missing` when a
 * half of it is not there, `data-damaged`, `config` for options out of range or the name of an official set that this
 * is not
 */
export function planImport(survey: Survey, options: ImportOptions): ImportPlan {
  const { imageSize, name } = options
  const { min, max } = IMAGE_SIZES
  if (imageSize !== undefined && !(Number.isInteger(imageSize) && imageSize >= min && imageSize <= max)) {
    throw new BasinError('config', `image size: a whole number from ${min} to ${max}, got ${imageSize}`)
  }
  if (name !== undefined && !DATASET_NAME.test(name)) {
    throw new BasinError(
      'config',
      `name: letters, digits, dots, dashes and underscores, at most 64, got "${name.slice(0, 80)}"`,
    )
  }
  const layout = recognise(survey, options)
  if (name !== undefined && name !== layout.name && isOfficialName(name)) {
    throw new BasinError(
      'config',
      `name: not that of an official data set, which this was not recognised as, got "${name}"`,
      `Give another name, or none: it is ${layout.name} then.`,
    )
  }
  checkWhole(layout)
  const imageBytes = layout.height * layout.width * layout.channels + labelBytes(layout.classNames.length)
  const raw = (layout.counts.train + layout.counts.test) * imageBytes
  const encoding = layout.pictures ? (options.encoding ?? (raw > RAW_BYTES ? 'jpeg' : 'raw')) : 'raw'
  return {
    layout,
    name: name ?? layout.name,
    bytes: encoding === 'jpeg' ? Math.ceil(raw * JPEG_SHARE) : raw,
    encoding,
    ...verify(layout, survey.sums),
  }
}

function recognise(survey: Survey, options: ImportOptions): Layout {
  for (const recogniser of RECOGNISERS) {
    const layout = recogniser(survey, options)
    if (layout) return layout
  }
  const [first] = survey.files
  throw new BasinError(
    'file-format',
    `${survey.root || 'nothing'}: a data set that Basin knows, got ${survey.files.length} files${first ? `, the first ${first.path}` : ''}`,
    'Import a CIFAR binary archive, SVHN’s .mat files, IDX files, or images in folders: <split>/<class>/* or <class>/*.',
  )
}

function checkWhole({ name, counts, classNames, pictures }: Layout): void {
  if (classNames.length < 2 || classNames.length > 65_536) {
    throw new BasinError(
      'file-format',
      `${name}: 2 to 65,536 classes, got ${classNames.length}`,
      'Put the images of each class in a folder of their own.',
    )
  }
  for (const [split, words] of [
    ['train', 'training'],
    ['test', 'test'],
  ] as const) {
    if (counts[split] > 0) continue
    throw new BasinError(
      'data-missing',
      `${name}: training and test images, got no ${words} images`,
      pictures
        ? 'Every class needs at least two images.'
        : 'Hand in the files of both splits together, or the whole archive.',
    )
  }
}

/** Whether what was handed in is what was published. */
export function verify(
  { name, title, counts }: Pick<Layout, 'name' | 'title' | 'counts'>,
  sums: readonly Checksum[],
): { verification: Verification; note: string } {
  const known = knownDataset(name === 'cifar100_coarse' ? 'cifar100' : name)
  const archives = known?.archives.filter(({ sha256, md5 }) => sha256 || md5) ?? []
  if (!known || archives.length === 0) {
    return { verification: 'unknown', note: `No official checksums of ${title} are known.` }
  }
  const matched = archives.filter((archive) => sums.some((sum) => equal(archive, sum)))
  const rightSize = sizesFit(known, counts)
  for (const archive of archives) {
    const other = sums.find(({ file }) => file === archive.file)
    if (other && !matched.includes(archive))
      return { verification: 'differs', note: difference(archive, other) }
  }
  if (matched.length > 0 && rightSize) {
    const files = matched.map(({ file }) => file).join(', ')
    return { verification: 'verified', note: `${files}: the official checksum.` }
  }
  const packed = sums.find(({ file }) => /\.(tgz|tar|gz|zip)$/i.test(file))
  if (packed) return { verification: 'differs', note: difference(archives[0], packed) }
  const official = `${known.numTrain} training and ${known.numTest} test images`
  return rightSize
    ? {
        verification: 'unknown',
        note: `Unpacked files have no official checksum; the counts are right: ${official}.`,
      }
    : {
        verification: 'differs',
        note: `${title} has ${official}, got ${counts.train} and ${counts.test}.`,
      }
}

function equal(archive: KnownDataset['archives'][number], sum: Checksum): boolean {
  return archive.sha256 !== undefined ? archive.sha256 === sum.sha256 : archive.md5 === sum.md5
}

/** SVHN is whole without its extra images too. */
function sizesFit({ name, numTrain, numTest }: KnownDataset, counts: Layout['counts']): boolean {
  const train = name === 'svhn' ? [numTrain, 73_257] : [numTrain]
  return train.includes(counts.train) && counts.test === numTest
}

function difference(archive: KnownDataset['archives'][number], got: Checksum): string {
  const size = archive.bytes === undefined ? '' : `${archive.bytes} bytes, `
  const sum = archive.sha256 ? `SHA-256 ${archive.sha256}` : `MD5 ${archive.md5}`
  const gotSum = archive.sha256 ? `SHA-256 ${got.sha256}` : `MD5 ${got.md5 ?? 'not computed'}`
  return `The official ${archive.file} has ${size}${sum}; got ${got.file} with ${got.bytes} bytes, ${gotSum}.`
}
