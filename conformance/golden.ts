/**
 * What a golden is: a .json file that says everything in fields, and beside it a .safetensors file of the same name.
 *     { "format": "basin golden 1", "kind": "optimizers", "cases": [{ "name": "…", "tensors": "nesterov/", … }] }
 * What else a case says is its kind's (replay/). docs/conformance.md
 */
import { z } from '../src/core/zod'

export const FORMAT = 'basin golden 1'

const goldenCase = z.looseObject({
  /** What the report calls it. */
  name: z.string(),
  /** What its own tensors' names begin with; those that no case owns belong to all. */
  tensors: z.string().optional(),
  /** What a reader of the report should know. */
  note: z.string().optional(),
  /** Why it cannot be replayed. */
  unsupported: z.string().optional(),
})

export const goldenFile = z.strictObject({
  format: z.literal(FORMAT),
  kind: z.string(),
  /** Files of tensors for all cases, beside this one. */
  shared: z.array(z.string()).optional(),
  cases: z.array(goldenCase),
})

export type GoldenCase = z.infer<typeof goldenCase>
export type Golden = Omit<z.infer<typeof goldenFile>, 'format'>

export interface GoldenTensor {
  shape: readonly number[]
  data: ArrayLike<number>
}

export type Tensors = ReadonlyMap<string, GoldenTensor>

/** A JSON object of unknown fields. */
export type Fields = Record<string, unknown>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isGolden = (json: unknown): boolean => isFields(json) && json.format === FORMAT

/** The tensors whose names begin with `prefix`, without it. */
export function within(tensors: Tensors, prefix: string): Map<string, GoldenTensor> {
  return new Map(
    [...tensors]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, one]) => [key.slice(prefix.length), one]),
  )
}

/** What one case sees: the tensors of its own, and those that no case owns. */
export function tensorsOf({ tensors: own }: GoldenCase, cases: readonly GoldenCase[], all: Tensors): Tensors {
  const owned = cases.flatMap(({ tensors }) => tensors ?? [])
  const common = [...all].filter(([key]) => !owned.some((prefix) => key.startsWith(prefix)))
  return new Map([...common, ...(own === undefined ? [] : within(all, own))])
}

/** A golden that is understood but cannot be replayed here; the reason goes into its line. */
export class Unsupported extends Error {}
