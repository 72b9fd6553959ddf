/** Goldens of the reference's image operations, policies and crops. */
import { PAD } from '../../src/core/data/augment/basic'
import {
  AUTOAUGMENT_LIMITS,
  isGeometric,
  OP_NAMES,
  type OpName,
  opValue,
} from '../../src/core/data/augment/ops'
import { POLICIES, type PolicyName, type SubPolicy } from '../../src/core/data/augment/policies'
import { knownDataset } from '../../src/core/data/catalog/catalog'
import type { Stored } from '../files'
import { type Fields, type GoldenCase, isFields, type Tensors, Unsupported } from '../golden'
import { needTensor } from '../replay/vectors'
import { caseOf, fieldsOf, groupedBy, maybe } from './words'

function recordsOf({ json }: Stored): Fields[] {
  const records = isFields(json) ? json.records : json
  return Array.isArray(records) ? records.filter(isFields) : []
}

const some = (is: (record: Fields) => boolean) => (stored: Stored) => recordsOf(stored).some(is)

/** The image a record speaks of: `image<n>`, or the only image there is. */
function imageOf(tensors: Tensors, { image }: Fields): string {
  if (image !== undefined && image !== null) return `image${image}`
  const names = [...tensors.keys()].filter((name) => /^image\d*$/.test(name))
  if (names.length !== 1) throw new Unsupported(`which image: one expected, got ${names.length}`)
  return names[0]
}

/** By the policies' name, whatever its letters' case. @throws Unsupported */
function opNamed(text: string): OpName {
  const name = OP_NAMES.find((candidate) => candidate.toLowerCase() === text.toLowerCase())
  if (!name) throw new Unsupported(`operation ${text}`)
  return name
}

/** The goldens' cutouts are at (16, 16) where they say nothing. */
const centreOf = (centre: unknown) => (Array.isArray(centre) ? centre : [16, 16])

// ---- operations, each alone or two after the other

const isOp = (record: Fields) => typeof record.op === 'string' && Array.isArray(record.args)
const isPrimitive = (record: Fields) => typeof record.fn === 'string' && Array.isArray(record.args)
const isSubPolicy = (record: Fields) => Array.isArray(record.ops) && 'index' in record

export const isOps = some(isOp)
export const isPrimitives = some(isPrimitive)
export const isPolicy = some(isSubPolicy)

export const ops = (stored: Stored): GoldenCase[] =>
  grouped(stored, isOp, 'op', (record, op) => {
    const { level, hparams, sign } = record
    const from = hparams === 'autoaugment' || hparams === 'randaugment'
    if (!from || typeof level !== 'number' || argumentOf(record) === undefined) return {}
    return { level: { level, limits: hparams, sign: isGeometric(op) ? Number(sign) : 1 } }
  })

export const primitives = (stored: Stored): GoldenCase[] => grouped(stored, isPrimitive, 'fn', () => ({}))

const argumentOf = ({ args }: Fields) => (args as (number | undefined)[])[0]

/** A case for every operation, which stands in `field`. */
function grouped(
  stored: Stored,
  is: (record: Fields) => boolean,
  field: 'op' | 'fn',
  more: (record: Fields, op: OpName) => Fields,
): GoldenCase[] {
  const groups = groupedBy(recordsOf(stored).filter(is), (record) => String(record[field]))
  return [...groups].map(([named, records]) =>
    caseOf(`${stored.name}/${named}`, () => ({
      pictures: records.map((record) => {
        const op = opNamed(named.replaceAll('_', ''))
        const argument = argumentOf(record)
        const own = { op, argument, ...more(record, op) }
        const planned = { ...own, centre: centreOf(record.cutout_center) }
        return { name: String(record.key), image: imageOf(stored.tensors, record), ops: [planned] }
      }),
    })),
  )
}

export function policy(stored: Stored): GoldenCase[] {
  // `cutout centre (16,16)` in the golden's own words.
  const [, ...said] = /centre \((\d+), ?(\d+)\)/.exec(String(fieldsOf(stored.json).what ?? '')) ?? []
  const centre = said.length > 0 ? said.map(Number) : undefined
  const picture = (record: Fields) => {
    if (record.error) throw new Unsupported(`sub-policy ${record.index}: the reference failed`)
    const args = (record.args ?? []) as number[][]
    return {
      name: String(record.key ?? `sub${record.index}/img${record.image}`),
      image: imageOf(stored.tensors, record),
      ops: (record.ops as [string, number, number][]).map(([name, , level], i) => {
        const op = opNamed(name)
        const argument = args[i]?.[0] ?? opValue(op, level, AUTOAUGMENT_LIMITS)
        return { op, argument, centre: centreOf(record.cutout_center ?? centre) }
      }),
    }
  }
  return [caseOf(stored.name, () => ({ pictures: recordsOf(stored).filter(isSubPolicy).map(picture) }))]
}

// ---- whole runs, every draw of the reference recorded in `draws_in_order`

const isAutoRun = (record: Fields) => Array.isArray(record.draws_in_order) && 'num_sign_draws_first' in record
const isRandRun = (record: Fields) => Array.isArray(record.draws_in_order) && 'num_layers' in record

export const isAuto = some(isAutoRun)
export const isRand = some(isRandRun)

/** A case for every run. */
function runs(
  stored: Stored,
  is: (record: Fields) => boolean,
  more: (record: Fields) => Fields,
): GoldenCase[] {
  return recordsOf(stored)
    .filter(is)
    .map((record) => ({
      name: `${stored.name}/${record.key}`,
      image: imageOf(stored.tensors, record),
      result: String(record.key),
      ...more(record),
    }))
}

export const autoAugment = (stored: Stored): GoldenCase[] =>
  runs(stored, isAutoRun, (record) => {
    const policy = policyOf(record.policy ?? fieldsOf(stored.json).policy, record)
    const table = typeof policy === 'string' ? POLICIES[policy] : policy
    return { policy, draws: autoAugmentDraws(record, table) }
  })

/** The table that the golden brings along, else ours of the name before the key's slash. */
function policyOf(own: unknown, record: Fields): PolicyName | SubPolicy[] {
  if (Array.isArray(own)) {
    return (own as [string, number, number][][]).map((sub) =>
      sub.map(([name, probability, level]) => [opNamed(name), probability, level]),
    )
  }
  const name = typeof own === 'string' ? own : String(record.key).split('/')[0]
  if (!(name in POLICIES)) throw new Unsupported(`policy ${name}`)
  return name as PolicyName
}

export function randAugment(stored: Stored): GoldenCase[] {
  const { ops = OP_NAMES } = fieldsOf(stored.json)
  if ((ops as string[]).some((name, i) => opNamed(name) !== OP_NAMES[i])) {
    throw new Unsupported('another list of operations')
  }
  return runs(stored, isRandRun, (record) => {
    const num_layers = Number(record.num_layers)
    return { num_layers, magnitude: Number(record.magnitude), draws: randAugmentDraws(record, num_layers) }
  })
}

function recorded({ draws_in_order }: Fields): { floats: number[]; ints: number[] } {
  const of = (type: string) =>
    (draws_in_order as [string, number][]).filter(([kind]) => kind === type).map(([, value]) => value)
  return { floats: of('float'), ints: of('int') }
}

/** Draws in the order in which ours are made. */
interface Draws {
  ints: number[]
  units: number[]
}

/** The reference draws the signs of all geometric operations of the table first; ours come when they are needed. */
function autoAugmentDraws(record: Fields, policy: readonly SubPolicy[]): Draws {
  const { floats, ints } = recorded(record)
  const index = ints.shift() ?? 0
  const signs = Number(record.num_sign_draws_first)
  const geometric = policy.map((sub) => sub.filter(([name]) => isGeometric(name)).length)
  const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0)
  if (signs !== sum(geometric)) {
    throw new Unsupported(`${record.key}: ${signs} sign draws do not fit the policy`)
  }
  let sign = sum(geometric.slice(0, index))
  let chance = signs
  const units: number[] = []
  for (const [name, probability] of policy[index] ?? []) {
    units.push(floats[chance])
    const applied = Math.floor(Math.fround(floats[chance++] + Math.fround(probability))) === 1
    if (!isGeometric(name)) continue
    if (applied) units.push(floats[sign])
    sign++
  }
  return { ints: [index, ...ints], units }
}

/** The reference draws for all sixteen operations of a layer: a number that is never used, and the geometric signs. */
function randAugmentDraws(record: Fields, layers: number): Draws {
  const { floats, ints } = recorded(record)
  const out: Draws = { ints: [], units: [] }
  for (let layer = 0; layer < layers; layer++) {
    const index = ints.shift() ?? 0
    out.ints.push(index)
    OP_NAMES.forEach((name, i) => {
      floats.shift()
      const sign = isGeometric(name) ? floats.shift() : undefined
      if (i === index && sign !== undefined) out.units.push(sign)
      if (i === index && name === 'Cutout') out.ints.push(ints.shift() ?? 0, ints.shift() ?? 0)
    })
  }
  return out
}

// ---- what happens around the operations

const isBasic = (record: Fields) => 'flip' in record && Array.isArray(record.offset)
const isCutout = (record: Fields) => 'length' in record && Array.isArray(record.center)

export const isBatch = (stored: Stored): boolean =>
  recordsOf(stored).some((record) => isBasic(record) || isCutout(record)) ||
  [...stored.tensors.keys()].some((name) => /^(mixup|preprocess|resize_bicubic)\//.test(name))

export function batch(stored: Stored): GoldenCase[] {
  const parts: [string, (stored: Stored) => Fields[]][] = [
    ['basic', basicCases],
    ['cutout', cutoutCases],
    ['mixup', mixupCases],
    ['preprocess', preprocessCases],
    ['resize_bicubic', resizeCases],
    ['data sets', datasetCases],
  ]
  return parts
    .map(([part, casesOf]) => caseOf(`${stored.name}/${part}`, () => ({ part, cases: casesOf(stored) })))
    .filter(({ unsupported, cases }) => unsupported !== undefined || (cases as Fields[]).length > 0)
}

function basicCases(stored: Stored): Fields[] {
  return recordsOf(stored)
    .filter(isBasic)
    .map(({ key, image, flip, offset, pad }) => {
      const number = image ?? /(?:^|\/)im(?:a)?g(?:e)?(\d+)/.exec(String(key))?.[1]
      return {
        image: `image${number}`,
        result: String(key),
        flip: Number(flip),
        offset,
        pad: Number(pad ?? PAD),
      }
    })
}

function cutoutCases(stored: Stored): Fields[] {
  return recordsOf(stored)
    .filter(isCutout)
    .map(({ length, center, zero_rows, zero_cols }) => {
      const name = `cutout/${length}/${(center as number[]).join()}`
      const mask = stored.tensors.get(name)
      const side = mask?.shape.length === 2 ? mask.shape : (mask ?? anyImage(stored)).shape.slice(-3, -1)
      const at = { name, side: [...side], length: Number(length), centre: center }
      return { ...at, rows: zero_rows ?? [], columns: zero_cols ?? [], mask: mask && name }
    })
}

const anyImage = ({ tensors }: Stored) => needTensor(tensors, imageNames(tensors)[0] ?? 'batch')

const imageNames = (tensors: Tensors) => [...tensors.keys()].filter((name) => /^image\d+$/.test(name)).sort()

/** Tensors by a pattern of their names. */
const matching = ({ tensors }: Stored, pattern: RegExp) =>
  [...tensors].flatMap(([result, { shape }]) => {
    const match = pattern.exec(result)
    return match ? [{ result, count: shape[0], words: match.slice(1) }] : []
  })

const mixupCases = (stored: Stored): Fields[] =>
  matching(stored, /^mixup\/([^/]+)\/(image|label)$/).map(({ result, words: [share, what] }) => {
    return { batch: what === 'image' ? 'batch' : 'batch_labels', result, share: Number(share) }
  })

function preprocessCases(stored: Stored): Fields[] {
  return matching(stored, /^preprocess\/(.+)$/).map(({ result, count, words: [dataset] }) => {
    const own = fieldsOf(fieldsOf(stored.json).normalisation)[dataset]
    if (!isFields(own)) throw new Unsupported(`normalisation of ${dataset}`)
    const images = Array.from({ length: count }, (_, i) => `image${i}`)
    return { images, result, mean: own.mean, std: own.std }
  })
}

/** Of the images that the field `resize` names, else of the last ones. */
function resizeCases(stored: Stored): Fields[] {
  const named = [...String(fieldsOf(stored.json).resize ?? '').matchAll(/image\d+/g)].map(([name]) => name)
  return matching(stored, /^resize_bicubic\//).map(({ result, count }) => {
    const images = named.length === count ? named : imageNames(stored.tensors).slice(-count)
    if (images.length !== count) throw new Unsupported(`${result}: ${count} images`)
    return { images, result }
  })
}

/** Of the sets that Basin knows by name. */
function datasetCases({ json }: Stored): Fields[] {
  const all = Object.entries(fieldsOf(fieldsOf(json).normalisation))
  return all
    .filter(([name, own]) => knownDataset(name) && isFields(own))
    .map(([name, own]) => {
      const { mean, std, ...splits } = own as Fields
      const count = (split: string) => maybe(fieldsOf(splits[split]).num_training_obs)
      const counts = {
        num_train: count('use_test_set=True'),
        num_train_held_out: count('use_test_set=False'),
      }
      return { name, mean, std, ...counts }
    })
}

// ---- ImageNet's crops of one decoded picture

export const isImagenet = ({ json, tensors }: Stored): boolean =>
  isFields(json) && tensors.has('decoded') && ('crops' in json || 'eval_crop' in json)

const CROPS = ['crop_resize', 'center_crop_resized', 'eval', 'normalize']

export function imagenet({ name, json, tensors }: Stored): GoldenCase[] {
  const fields = json as Fields
  return [...tensors.keys()].flatMap((result) => {
    const [what, which] = result.split('/')
    if (which === undefined) return []
    if (!CROPS.includes(what)) throw new Unsupported(`tensor ${result}`)
    const one = { name: `${name}/${result}`, result, normalised: what === 'eval' || what === 'normalize' }
    if (what === 'crop_resize') return { ...one, crop: cropOf(fields, Number(which)) }
    const { size } = fieldsOf(fieldsOf(fields.eval_crop)[which])
    return { ...one, crop: 'centre', crop_size: maybe(size) }
  })
}

function cropOf({ crops, crop_order }: Fields, index: number): Fields {
  const numbers = (crops as number[][] | undefined)?.[index]
  if (!numbers) throw new Unsupported(`crop ${index}`)
  const order = String(crop_order ?? 'y,x,h,w').split(',')
  const at = (letter: string) => numbers[order.indexOf(letter)]
  return { top: at('y'), left: at('x'), height: at('h'), width: at('w') }
}
