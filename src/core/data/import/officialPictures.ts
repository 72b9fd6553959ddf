/**
 * The fine-grained sets and ImageNet as their authors pack them, with the split lists they come with.
 * Source: each data set's own README; sam_jax/train.py (names). Labels follow the lists' order, from 0.
 */
import type { MatValue } from '../../formats/mat/matValue'
import { knownDataset } from '../catalog/catalog'
import { baseName, broken, type LayoutOptions, type Recogniser, type SplitName, textLines } from './layout'
import { type Assigned, findFile, folderName, PICTURE, pictureLayout } from './pictures'
import type { Survey } from './survey'

/** Pictures by the name at their path's end. */
function picturesByName(survey: Survey, nameOf = baseName): Map<string, string> {
  return new Map(
    survey.files.filter(({ path }) => PICTURE.test(path)).map(({ path }) => [nameOf(path), path]),
  )
}

function official(
  name: string,
  classNames: readonly string[],
  assigned: Assigned,
  listed: number,
  options: LayoutOptions,
) {
  if (assigned.size === 0)
    throw broken(`${name}: its lists name ${listed} images, and none of them is here`, BOTH)
  const passedOver =
    assigned.size < listed
      ? [{ path: `${listed - assigned.size} images`, reason: 'named in the split lists, and not here' }]
      : []
  const title = knownDataset(name)?.title ?? name
  return pictureLayout({ name, title, classNames, assigned, passedOver }, options)
}

const BOTH = 'Hand in the images and the lists together.'

/** jpg/image_00001.jpg …, imagelabels.mat (labels 1 to 102), setid.mat (trnid, valid, tstid). */
export const recogniseFlowers: Recogniser = (survey, options) => {
  const labels = numbers(survey, /(^|\/)imagelabels\.mat$/, 'labels')
  const sets = findFile(survey, /(^|\/)setid\.mat$/)
  if (!labels || !sets) return undefined
  const pictures = picturesByName(survey)
  const assigned: Assigned = new Map()
  let listed = 0
  // Train and validation images together are what one trains on when the test set is the judge.
  for (const [variable, split] of [
    ['trnid', 'train'],
    ['valid', 'train'],
    ['tstid', 'test'],
  ] as const) {
    for (const id of Array.from(numbers(survey, /(^|\/)setid\.mat$/, variable) ?? [])) {
      listed++
      const label = labels[id - 1] - 1
      if (!(label >= 0 && label < 102))
        throw broken(`imagelabels.mat: labels from 1 to 102, got ${labels[id - 1]}`)
      const path = pictures.get(`image_${String(id).padStart(5, '0')}.jpg`)
      if (path) assigned.set(path, { split, label })
    }
  }
  const names = Array.from({ length: 102 }, (_, label) => `flower ${label + 1}`)
  return official('Flowers', names, assigned, listed, options)
}

/** images/Abyssinian_1.jpg …, annotations/trainval.txt and test.txt: `name class species breed`, class from 1. */
export const recognisePets: Recogniser = (survey, options) => {
  const lists = [
    listOf(survey, /(^|\/)annotations\/trainval\.txt$/),
    listOf(survey, /(^|\/)annotations\/test\.txt$/),
  ]
  if (!lists[0] || !lists[1]) return undefined
  const pictures = picturesByName(survey)
  const assigned: Assigned = new Map()
  const names: string[] = []
  let listed = 0
  lists.forEach((lines, i) => {
    for (const line of lines ?? []) {
      if (line.startsWith('#')) continue
      const [, name, id] = /^(\S+) (\d+) \d+ \d+$/.exec(line) ?? []
      if (!name || Number(id) < 1 || Number(id) > 37)
        throw broken(`annotations: name, class 1 to 37, species, breed, got "${line.slice(0, 60)}"`)
      listed++
      names[Number(id) - 1] = name.replace(/_\d+$/, '').replaceAll('_', ' ')
      const path = pictures.get(`${name}.jpg`)
      if (path) assigned.set(path, { split: i === 0 ? 'train' : 'test', label: Number(id) - 1 })
    }
  })
  return official('Oxford_IIIT_Pets', filled(names, 37), assigned, listed, options)
}

/** data/images/0034309.jpg …, images_variant_{trainval,test}.txt: `id variant name`, variants.txt. */
export const recogniseAircraft: Recogniser = (survey, options) => {
  const variants = listOf(survey, /(^|\/)variants\.txt$/)
  const train = listOf(survey, /(^|\/)images_variant_trainval\.txt$/)
  const test = listOf(survey, /(^|\/)images_variant_test\.txt$/)
  if (!variants || !train || !test) return undefined
  return byLists(
    'FGVC_Aircraft',
    survey,
    options,
    variants,
    [
      ['train', train.map((line) => splitOnce(line))],
      ['test', test.map((line) => splitOnce(line))],
    ],
    (id) => `${id}.jpg`,
  )
}

/** images/<class>/<id>.jpg, meta/{train,test}.txt: `class/id`, meta/classes.txt. */
export const recogniseFood: Recogniser = (survey, options) => {
  const classes = listOf(survey, /(^|\/)meta\/classes\.txt$/)
  const train = listOf(survey, /(^|\/)meta\/train\.txt$/)
  const test = listOf(survey, /(^|\/)meta\/test\.txt$/)
  if (!classes || !train || !test) return undefined
  const pairs = (lines: string[]) =>
    lines.map((line) => [line.split('/')[1] ?? '', line.split('/')[0]] as const)
  return byLists(
    'Food_101',
    survey,
    options,
    classes,
    [
      ['train', pairs(train)],
      ['test', pairs(test)],
    ],
    // The same number may be of a picture of each class.
    (id, title) => `${title}/${id}.jpg`,
    lastTwo,
  )
}

const lastTwo = (path: string) => path.split('/').slice(-2).join('/')

function byLists(
  name: string,
  survey: Survey,
  options: LayoutOptions,
  classNames: readonly string[],
  lists: readonly [SplitName, readonly (readonly [string, string])[]][],
  fileOf: (id: string, title: string) => string,
  nameOf: (path: string) => string = baseName,
) {
  const pictures = picturesByName(survey, nameOf)
  const labels = new Map(classNames.map((title, label) => [title, label]))
  const assigned: Assigned = new Map()
  let listed = 0
  for (const [split, pairs] of lists) {
    for (const [id, title] of pairs) {
      const label = labels.get(title)
      if (label === undefined) throw broken(`${name}: classes of its list, got "${title.slice(0, 60)}"`)
      listed++
      const path = pictures.get(fileOf(id, title))
      if (path) assigned.set(path, { split, label })
    }
  }
  return official(name, classNames, assigned, listed, options)
}

/** cars_train/*.jpg, cars_test/*.jpg, and the devkit's cars_{train,test}_annos.mat with fname and class. */
export const recogniseCars: Recogniser = (survey, options) => {
  const train = annotations(survey, /(^|\/)cars_train_annos\.mat$/)
  const test =
    annotations(survey, /(^|\/)cars_test_annos_withlabels\.mat$/) ??
    annotations(survey, /(^|\/)cars_test_annos\.mat$/)
  if (!train || !test) return undefined
  const paths = survey.files.map(({ path }) => path).filter((path) => PICTURE.test(path))
  const assigned: Assigned = new Map()
  for (const [split, folder, list] of [
    ['train', 'cars_train', train],
    ['test', 'cars_test', test],
  ] as const) {
    const byName = new Map(
      paths.filter((path) => path.includes(`${folder}/`)).map((path) => [baseName(path), path]),
    )
    for (const { file, label } of list) {
      const path = byName.get(file)
      if (path) assigned.set(path, { split, label })
    }
  }
  const meta = variable(survey, /(^|\/)cars_meta\.mat$/, 'class_names')
  const names = meta?.kind === 'cell' ? meta.items.map((item) => (item.kind === 'text' ? item.text : '')) : []
  return official('Stanford_Cars', filled(names, 196), assigned, train.length + test.length, options)
}

function annotations(survey: Survey, file: RegExp): { file: string; label: number }[] | undefined {
  const value = variable(survey, file, 'annotations')
  if (value?.kind !== 'struct') return undefined
  const files = value.fields.get('fname') ?? []
  const classes = value.fields.get('class') ?? []
  // The devkit's own test list has no classes.
  if (classes.length !== files.length) return undefined
  return files.map((name, i) => {
    const label = classes[i]
    const id = label.kind === 'numeric' ? label.values[0] : Number.NaN
    if (name.kind !== 'text' || !(id >= 1 && id <= 196))
      throw broken('cars_*_annos.mat: a file name and a class from 1 to 196')
    return { file: name.text, label: id - 1 }
  })
}

/** n01440764/*.JPEG from the tars' tars, flat validation images, and the devkit that says what these show. */
export const recogniseImagenet: Recogniser = (survey, options) => {
  const flat = survey.files.filter(({ path }) => /^ILSVRC2012_val_\d{8}\.JPEG$/i.test(baseName(path)))
  const truth = listOf(survey, /(^|\/)ILSVRC2012_validation_ground_truth\.txt$/)
  const synsets = variable(survey, /(^|\/)meta\.mat$/, 'synsets')
  const grouped = survey.files.flatMap(({ path }) => {
    const wnid = /(^|\/)(n\d{8})\/[^/]+$/.exec(path)?.[2]
    return wnid && PICTURE.test(path) && !/(^|\/)val\//i.test(path) ? [{ path, wnid }] : []
  })
  if (flat.length === 0 || grouped.length === 0) return undefined
  if (!truth || synsets?.kind !== 'struct') {
    throw broken(
      'ImageNet: the validation images’ classes are in the development kit, which is missing',
      'Hand in ILSVRC2012_devkit_t12.tar.gz with both archives, or folders val/<wnid>.',
    )
  }
  const classNames = [...new Set(grouped.map(({ wnid }) => wnid))].sort()
  const labels = new Map(classNames.map((wnid, label) => [wnid, label]))
  const wnidOf = new Map<number, string>()
  const ids = synsets.fields.get('ILSVRC2012_ID') ?? []
  const wnids = synsets.fields.get('WNID') ?? []
  ids.forEach((id, i) => {
    const wnid = wnids[i]
    if (id.kind === 'numeric' && wnid?.kind === 'text') wnidOf.set(id.values[0], wnid.text)
  })
  const assigned: Assigned = new Map(
    grouped.map(({ path, wnid }) => [path, { split: 'train', label: labels.get(wnid) ?? 0 }]),
  )
  for (const { path } of flat) {
    const line = truth[Number(/_(\d{8})\./.exec(path)?.[1]) - 1]
    const label = labels.get(wnidOf.get(Number(line)) ?? '')
    if (label !== undefined) assigned.set(path, { split: 'test', label })
  }
  const name = classNames.length === 1000 ? 'imagenet' : folderName(survey)
  return official(name, classNames, assigned, grouped.length + flat.length, options)
}

function variable(survey: Survey, file: RegExp, name: string): MatValue | undefined {
  const found = [...survey.mats].find(([path]) => file.test(path))
  return found?.[1].find((candidate) => candidate.name === name)?.value
}

function numbers(survey: Survey, file: RegExp, name: string): ArrayLike<number> | undefined {
  const value = variable(survey, file, name)
  return value?.kind === 'numeric' ? value.values : undefined
}

function listOf(survey: Survey, file: RegExp): string[] | undefined {
  const found = [...survey.small].find(([path]) => file.test(path))
  return found && textLines(found[1])
}

const splitOnce = (line: string): readonly [string, string] => {
  const at = line.indexOf(' ')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1).trim()]
}

const filled = (names: readonly string[], count: number): string[] =>
  Array.from({ length: count }, (_, label) => names[label] || `class ${label + 1}`)
