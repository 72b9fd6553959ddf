/**
 * Kinds `autoaugment` and `randaugment`: whole runs with every draw of the reference recorded in `draws_in_order`.
 * Fields of `records`: `key` (`<policy>/…`), `draws_in_order`, `num_sign_draws_first` | `num_layers`, `magnitude`.
 */
import {
  AUTOAUGMENT_LIMITS,
  isGeometric,
  OP_NAMES,
  type OpName,
  RANDAUGMENT_LIMITS,
} from '../../src/core/data/augment/ops'
import { type Draws, planAutoAugment, planRandAugment } from '../../src/core/data/augment/plan'
import { POLICIES, type PolicyName, type SubPolicy } from '../../src/core/data/augment/policies'
import { afterOps, comparePixels, deviceNote, imageOf, recordsOf, shapeOf } from './augmentImages'
import { opNamed } from './augmentOps'
import { type CaseResult, Checks, Unsupported } from './checks'
import { type Fields, type Golden, isFields } from './golden'

const isAuto = (record: Fields) => Array.isArray(record.draws_in_order) && 'num_sign_draws_first' in record
const isRand = (record: Fields) => Array.isArray(record.draws_in_order) && 'num_layers' in record

export const isAutoAugment = (golden: Golden) => recordsOf(golden).some(isAuto)
export const isRandAugment = (golden: Golden) => recordsOf(golden).some(isRand)

export async function* runAutoAugment(golden: Golden): AsyncGenerator<CaseResult> {
  for (const record of recordsOf(golden).filter(isAuto)) {
    const checks = new Checks()
    const image = imageOf(golden.tensors, record)
    const policy = policyOf(golden, record)
    const draws = autoAugmentDraws(record, policy)
    const ops = planAutoAugment(policy, AUTOAUGMENT_LIMITS, shapeOf(image), draws)
    comparePixels(checks, String(record.key), await afterOps(image, ops), golden.tensors)
    yield { name: `${golden.name}/${record.key}`, checks, note: deviceNote(image) }
  }
}

export async function* runRandAugment(golden: Golden): AsyncGenerator<CaseResult> {
  const listed = isFields(golden.json) && Array.isArray(golden.json.ops) ? golden.json.ops : OP_NAMES
  if (listed.some((name, i) => opNamed(String(name)) !== OP_NAMES[i])) {
    throw new Unsupported('another list of operations')
  }
  for (const record of recordsOf(golden).filter(isRand)) {
    const checks = new Checks()
    const image = imageOf(golden.tensors, record)
    const layers = Number(record.num_layers)
    const draws = randAugmentDraws(record, layers)
    const magnitude = Number(record.magnitude)
    const ops = planRandAugment(layers, magnitude, RANDAUGMENT_LIMITS, shapeOf(image), draws)
    comparePixels(checks, String(record.key), await afterOps(image, ops), golden.tensors)
    yield { name: `${golden.name}/${record.key}`, checks, note: deviceNote(image) }
  }
}

/** The table the golden brings along, else ours of the name before the key's slash. */
function policyOf({ json }: Golden, record: Fields): readonly SubPolicy[] {
  const own = record.policy ?? (isFields(json) ? json.policy : undefined)
  if (Array.isArray(own)) {
    return own.map((sub) =>
      (sub as [string, number, number][]).map(([name, probability, level]) => [
        opNamed(name),
        probability,
        level,
      ]),
    )
  }
  const name = typeof own === 'string' ? own : String(record.key).split('/')[0]
  const policy = POLICIES[name as PolicyName]
  if (!policy) throw new Unsupported(`policy ${name}`)
  return policy
}

interface Recorded {
  floats: number[]
  ints: number[]
}

function recorded({ draws_in_order }: Fields): Recorded {
  const of = (type: string) =>
    (draws_in_order as [string, number][]).filter(([kind]) => kind === type).map(([, value]) => value)
  return { floats: of('float'), ints: of('int') }
}

/** The reference draws the signs of all geometric operations of the table first; ours come when they are needed. */
function autoAugmentDraws(record: Fields, policy: readonly SubPolicy[]): Draws {
  const { floats, ints } = recorded(record)
  const index = ints.shift() ?? 0
  const signs = Number(record.num_sign_draws_first)
  const geometric = policy.map((sub) => sub.filter(([name]) => isGeometric(name)).length)
  if (signs !== geometric.reduce((sum, count) => sum + count, 0)) {
    throw new Unsupported(`${record.key}: ${signs} sign draws do not fit the policy`)
  }
  let sign = geometric.slice(0, index).reduce((sum, count) => sum + count, 0)
  let chance = signs
  const units: number[] = []
  for (const [name, probability] of policy[index] ?? []) {
    units.push(floats[chance])
    const applied = Math.floor(Math.fround(floats[chance++] + Math.fround(probability))) === 1
    if (!isGeometric(name)) continue
    if (applied) units.push(floats[sign])
    sign++
  }
  return listed([index, ...ints], units)
}

/** The reference draws for all sixteen operations of a layer: a number that is never used, and the geometric signs. */
function randAugmentDraws(record: Fields, layers: number): Draws {
  const { floats, ints } = recorded(record)
  const units: number[] = []
  const order: number[] = []
  for (let layer = 0; layer < layers; layer++) {
    const index = ints.shift() ?? 0
    order.push(index)
    OP_NAMES.forEach((name: OpName, i) => {
      floats.shift()
      const sign = isGeometric(name) ? floats.shift() : undefined
      if (i === index && sign !== undefined) units.push(sign)
      if (i === index && name === 'Cutout') order.push(ints.shift() ?? 0, ints.shift() ?? 0)
    })
  }
  return listed(order, units)
}

function listed(ints: number[], units: number[]): Draws {
  const next = (values: number[]) => {
    const value = values.shift()
    if (value === undefined) throw new Unsupported('fewer draws than the run needs')
    return value
  }
  return { int: () => next(ints), unit: () => next(units) }
}
