/**
 * Kinds `augment_ops`, `augment_primitives` and `augment_policy`: image operations with given arguments.
 * Fields of `records`: `op`, `args`, `image`, `cutout_center`, (`level`, `sign`, `hparams`) | `fn`, `args`, `image` |
 * `index`, `ops` [[name, probability, level], …], `args` (one list an operation), `image`. Tensors: `image<n>` and the
 * results by `key`, or `sub<index>/img<image>`.
 */
import {
  AUTOAUGMENT_LIMITS,
  isGeometric,
  OP_NAMES,
  type OpName,
  opValue,
  type PixelLimits,
  type PlannedOp,
  RANDAUGMENT_LIMITS,
} from '../../src/core/data/augment/ops'
import { afterOps, comparePixels, deviceNote, imageOf, recordsOf } from './augmentImages'
import { type CaseResult, Checks, Unsupported } from './checks'
import { type Fields, type Golden, isFields } from './golden'

const LIMITS: Record<string, PixelLimits> = {
  autoaugment: AUTOAUGMENT_LIMITS,
  randaugment: RANDAUGMENT_LIMITS,
}

const isOp = (record: Fields) => typeof record.op === 'string' && Array.isArray(record.args)
const isPrimitive = (record: Fields) => typeof record.fn === 'string' && Array.isArray(record.args)
const isSubPolicy = (record: Fields) => Array.isArray(record.ops) && 'index' in record

export const isAugmentOps = (golden: Golden) => recordsOf(golden).some(isOp)
export const isAugmentPrimitives = (golden: Golden) => recordsOf(golden).some(isPrimitive)
export const isAugmentPolicy = (golden: Golden) => recordsOf(golden).some(isSubPolicy)

export async function* runAugmentOps(golden: Golden): AsyncGenerator<CaseResult> {
  const groups = groupedBy(recordsOf(golden).filter(isOp), 'op')
  for (const [op, records] of groups) {
    yield await replay(`${golden.name}/${op}`, golden, async (checks) => {
      for (const record of records) {
        const name = opNamed(op)
        const [argument] = record.args as number[]
        const limits = LIMITS[String(record.hparams)]
        if (limits && argument !== undefined && typeof record.level === 'number') {
          const value = opValue(name, record.level, limits) * (isGeometric(name) ? Number(record.sign) : 1)
          checks.scalar(`${record.key}/value`, value, argument, 1e-12)
        }
        const planned = plan(name, argument, record.cutout_center)
        comparePixels(
          checks,
          String(record.key),
          await afterOps(imageOf(golden.tensors, record), [planned]),
          golden.tensors,
        )
      }
    })
  }
}

export async function* runAugmentPrimitives(golden: Golden): AsyncGenerator<CaseResult> {
  const groups = groupedBy(recordsOf(golden).filter(isPrimitive), 'fn')
  for (const [fn, records] of groups) {
    yield await replay(`${golden.name}/${fn}`, golden, async (checks) => {
      for (const record of records) {
        const [argument] = record.args as number[]
        const planned = plan(opNamed(fn.replaceAll('_', '')), argument, record.cutout_center)
        comparePixels(
          checks,
          String(record.key),
          await afterOps(imageOf(golden.tensors, record), [planned]),
          golden.tensors,
        )
      }
    })
  }
}

export async function* runAugmentPolicy(golden: Golden): AsyncGenerator<CaseResult> {
  yield await replay(golden.name, golden, async (checks) => {
    for (const record of recordsOf(golden).filter(isSubPolicy)) {
      if (record.error) throw new Unsupported(`sub-policy ${record.index}: the reference failed`)
      const key = String(record.key ?? `sub${record.index}/img${record.image}`)
      const ops = (record.ops as [string, number, number][]).map(([name, , level], i) => {
        const op = opNamed(name)
        const [argument] = ((record.args as number[][] | undefined) ?? [])[i] ?? []
        const value = argument ?? opValue(op, level, AUTOAUGMENT_LIMITS)
        return plan(op, value, record.cutout_center ?? centreIn(golden))
      })
      comparePixels(checks, key, await afterOps(imageOf(golden.tensors, record), ops), golden.tensors)
    }
  })
}

function groupedBy(records: readonly Fields[], field: string): Map<string, Fields[]> {
  const groups = new Map<string, Fields[]>()
  for (const record of records) {
    const key = String(record[field])
    groups.set(key, [...(groups.get(key) ?? []), record])
  }
  return groups
}

async function replay(
  name: string,
  golden: Golden,
  compare: (checks: Checks) => Promise<void>,
): Promise<CaseResult> {
  const checks = new Checks()
  try {
    await compare(checks)
  } catch (error) {
    if (error instanceof Unsupported) return { name, unsupported: error.message }
    throw error
  }
  const image = [...golden.tensors].find(([key]) => key.startsWith('image'))?.[1]
  return { name, checks, note: image && deviceNote(image) }
}

/** By the policies' name, whatever its letters' case. @throws Unsupported */
export function opNamed(text: string): OpName {
  const name = OP_NAMES.find((candidate) => candidate.toLowerCase() === text.toLowerCase())
  if (!name) throw new Unsupported(`operation ${text}`)
  return name
}

/** `cutout centre (16,16)` in the golden's own words. */
function centreIn({ json }: Golden): number[] | undefined {
  const what = isFields(json) ? String(json.what ?? '') : ''
  const [, row, column] = /centre \((\d+), ?(\d+)\)/.exec(what) ?? []
  return column === undefined ? undefined : [Number(row), Number(column)]
}

/** @param centre [row, column]; the goldens' cutouts are at (16, 16) where they say nothing */
function plan(name: OpName, value: number | undefined, centre: unknown): PlannedOp {
  const [row, column] = Array.isArray(centre) ? centre : [16, 16]
  return { name, value: value ?? 0, centre: { row, column } }
}
