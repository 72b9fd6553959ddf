/**
 * Sets of picture files in folders: `<split>/<class>/*`, or `<class>/*` with a seeded tenth of every class as test
 * images. What the official sets with split lists of their own share with them.
 */
import { randomStream } from '../../../base/random'
import { isOfficialName, isPhotographs } from '../../config/datasetNames'
import type { Layout, LayoutOptions, Recogniser, SplitName } from './layout'
import type { Survey } from './survey'

export const PICTURE = /\.(jpe?g|png|webp|gif|bmp)$/i

/** Where each picture belongs. */
export type Assigned = Map<string, { split: SplitName; label: number }>

export interface PictureSet {
  name: string
  title: string
  classNames: readonly string[]
  assigned: Assigned
  passedOver?: Layout['passedOver']
}

/** Networks of 224 pixels crop from these; docs/data.md has the measurement. */
const PHOTOGRAPH_SIZE = 256
const OWN_SIZE = 64

export function pictureLayout(set: PictureSet, options: LayoutOptions): Layout {
  const imageSize = options.imageSize ?? (isPhotographs(set.name) ? PHOTOGRAPH_SIZE : OWN_SIZE)
  const counts = { train: 0, test: 0 }
  for (const { split } of set.assigned.values()) counts[split]++
  return {
    name: set.name,
    title: set.title,
    height: imageSize,
    width: imageSize,
    channels: 3,
    classNames: set.classNames,
    counts,
    scattered: true,
    pictures: true,
    passedOver: set.passedOver ?? [],
    take(path) {
      const found = set.assigned.get(path)
      return found && { kind: 'image', ...found }
    },
  }
}

const SPLITS: Record<string, 'train' | 'val' | 'test'> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
}

const WNID = /^n\d{8}$/

export const recogniseTree: Recogniser = (survey, options) => {
  const pictures = survey.files.map(({ path }) => path).filter((path) => PICTURE.test(path))
  if (pictures.length === 0) return undefined
  const depth = commonDepth(pictures)
  const below = (path: string) => path.split('/').slice(depth)
  const splitOf = (path: string) => SPLITS[below(path)[0].toLowerCase()]
  const bySplit = pictures.every((path) => below(path).length >= 2 && splitOf(path) !== undefined)
  const classAt = bySplit ? 1 : 0
  const classOf = (path: string) => {
    const parts = below(path)
    return parts.length > classAt + 1 ? parts[classAt] : undefined
  }
  const passedOver = survey.files
    .filter(({ path }) => !PICTURE.test(path) && below(path).length > classAt + 1)
    .map(({ path }) => ({ path, reason: 'not a picture by its name' }))
  for (const path of pictures) {
    if (classOf(path) === undefined) passedOver.push({ path, reason: 'in no class folder' })
  }
  const classNames = [...new Set(pictures.flatMap((path) => classOf(path) ?? []))].sort()
  const assigned = bySplit
    ? splitsAsGiven(pictures, splitOf, classOf, classNames, passedOver)
    : seededSplits(pictures, classOf, classNames)
  const isImagenet = classNames.length === 1000 && classNames.every((name) => WNID.test(name))
  const set = isImagenet
    ? { name: 'imagenet', title: 'ImageNet (ILSVRC 2012)' }
    : { name: folderName(survey), title: survey.root || 'Images' }
  return pictureLayout({ ...set, classNames, assigned, passedOver }, options)
}

/** Test images are those of `test`; where there are none, those of `val`. */
function splitsAsGiven(
  pictures: readonly string[],
  splitOf: (path: string) => 'train' | 'val' | 'test',
  classOf: (path: string) => string | undefined,
  classNames: readonly string[],
  passedOver: Layout['passedOver'],
): Assigned {
  const hasTest = pictures.some((path) => splitOf(path) === 'test' && classOf(path) !== undefined)
  const labels = new Map(classNames.map((name, label) => [name, label]))
  const assigned: Assigned = new Map()
  for (const path of [...pictures].sort()) {
    const label = labels.get(classOf(path) ?? '')
    if (label === undefined) continue
    const split = splitOf(path)
    if (split === 'val' && hasTest) {
      passedOver.push({
        path,
        reason: 'a validation image beside a test split; use_test_set=false holds out its own',
      })
    } else assigned.set(path, { split: split === 'train' ? 'train' : 'test', label })
  }
  return assigned
}

/** A tenth of every class, at least one image, drawn by a fixed seed from the sorted names. */
function seededSplits(
  pictures: readonly string[],
  classOf: (path: string) => string | undefined,
  classNames: readonly string[],
): Assigned {
  const perClass = new Map<string, string[]>(classNames.map((name) => [name, []]))
  for (const path of pictures) perClass.get(classOf(path) ?? '')?.push(path)
  const assigned: Assigned = new Map()
  classNames.forEach((name, label) => {
    const paths = (perClass.get(name) ?? []).sort()
    const order = randomStream(0, 'subset', label).shuffle(Uint32Array.from(paths, (_, i) => i))
    const test = new Set(order.subarray(0, Math.max(1, Math.floor(paths.length / 10))))
    paths.forEach((path, i) => {
      assigned.set(path, { split: test.has(i) ? 'test' : 'train', label })
    })
  })
  return assigned
}

/** Folders that all pictures are in. */
function commonDepth(paths: readonly string[]): number {
  const first = paths[0].split('/').slice(0, -1)
  let depth = first.length
  for (const path of paths) {
    const parts = path.split('/')
    depth = Math.min(depth, parts.length - 1)
    while (depth > 0 && parts.slice(0, depth).join('/') !== first.slice(0, depth).join('/')) depth--
  }
  return depth
}

/** A name that storage and the address take. */
function slug(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_.-]+/g, '_')
    .replace(/^[^A-Za-z0-9_]+/, '')
  return plain.slice(0, 64) || 'images'
}

/**
 * A folder's name for the pictures in it. It tells what photographs are, for some official sets have no other mark;
 * pictures in a folder called cifar10 are not the bytes of that name.
 */
export function folderName({ root }: Survey): string {
  const name = slug(root)
  return isOfficialName(name) && !isPhotographs(name) ? `${name}_images` : name
}

/** The one file of this name, wherever it is; its path. */
export function findFile(survey: Survey, name: RegExp): string | undefined {
  return survey.files.find(({ path }) => name.test(path))?.path
}
