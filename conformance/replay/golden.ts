/** What a golden is: fields and tensors, told apart by what they hold and never by a name. */

export interface GoldenTensor {
  shape: readonly number[]
  data: ArrayLike<number>
}

export type Tensors = ReadonlyMap<string, GoldenTensor>

/** A JSON object of unknown fields. */
export type Fields = Record<string, unknown>

export interface Golden {
  /** File name without extension: what the report calls it. */
  name: string
  folder: string
  json: unknown
  /** Of the .safetensors beside it; empty when there is none. */
  tensors: Tensors
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Shared inputs of several goldens: initial weights and batches, and nothing that could be compared. */
export function isCompanion({ json, tensors }: Golden): boolean {
  const has = (prefix: string) => [...tensors.keys()].some((key) => key.startsWith(prefix))
  const results = isFields(json) && ('per_step' in json || 'cases' in json || 'results' in json)
  return has('init/') && tensors.has('images') && !has('params/') && !results
}
