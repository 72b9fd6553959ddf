/** What goldens of the reference say in fields, and where there is none in sentences and names. */
import { type Fields, type GoldenCase, isFields, Unsupported } from '../golden'

/** A number as these descriptions write it: `.001`, `0.1`, `1e-3`. */
export const NUMBER = String.raw`(-?\d*\.?\d+(?:e[-+]?\d+)?)`

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {})

/** A number, or nothing. */
export const maybe = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** A number that stands in a field, or in the sentence that describes the golden (`weight decay 0.01`). */
export function numberOf(fields: unknown[], names: string[], sentence: unknown, pattern: string): number {
  for (const candidate of fields.map(fieldsOf)) {
    for (const name of names) if (typeof candidate[name] === 'number') return candidate[name]
  }
  const value = Number(new RegExp(pattern).exec(String(sentence ?? ''))?.[1] ?? Number.NaN)
  if (Number.isNaN(value)) throw new Unsupported(`${names[0]}: neither a field nor in the description`)
  return value
}

/** One case; a reason instead where it cannot be translated. */
export function caseOf(name: string, translate: () => Fields): GoldenCase {
  try {
    return { name, ...translate() }
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error
    return { name, unsupported: error.message }
  }
}

/** Groups in the order of their first members. */
export function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
