/**
 * Every setting as text: what the command line and the address take, how it is read, how it is written.
 * All of it is derived from the zod shape, so a new field is a new flag. Measures have settings of the same make.
 */
import { z } from '../settingTypes'
import { DATASETS } from './datasetNames'
import { type FieldName, fieldMeta, type RunConfig, runConfigShape } from './schema'

export type FlagKind = 'boolean' | 'integer' | 'number' | 'choice' | 'text' | 'integers'

export interface Flag<Name extends string = FieldName> {
  name: Name
  kind: FlagKind
  /** Empty text or `none` means null. */
  nullable: boolean
  /** Of a choice. */
  choices: readonly string[]
  /** Of numbers. */
  min: number
  max: number
  default: unknown
  label: string
  help: string
  /** What a text is, in words. */
  rule?: string
}

/** What the schema says of one field. */
export const flagOf = (name: FieldName): Flag => flagOfType(name, runConfigShape[name], fieldMeta(name))

/** What a type with a default says of itself. */
export function flagOfType<Name extends string>(
  name: Name,
  shape: z.core.$ZodType,
  { label, help }: Pick<Flag, 'label' | 'help'>,
): Flag<Name> {
  let type: z.core.$ZodType = shape
  let nullable = false
  while (type instanceof z.core.$ZodDefault || type instanceof z.core.$ZodNullable) {
    nullable ||= type instanceof z.core.$ZodNullable
    type = type._zod.def.innerType
  }
  const flag: Flag<Name> = {
    name,
    kind: 'text',
    nullable,
    choices: [],
    min: Number.NEGATIVE_INFINITY,
    max: Number.POSITIVE_INFINITY,
    default: z.core.parse(shape, undefined),
    label,
    help,
  }
  if (type instanceof z.core.$ZodBoolean) return { ...flag, kind: 'boolean' }
  if (type instanceof z.core.$ZodEnum)
    return { ...flag, kind: 'choice', choices: [...type._zod.values].map(String) }
  if (type instanceof z.core.$ZodNumber) {
    return { ...flag, ...boundsOf(type), kind: isWhole(type) ? 'integer' : 'number' }
  }
  if (type instanceof z.core.$ZodArray) {
    return { ...flag, ...boundsOf(type._zod.def.element as z.core.$ZodNumber), kind: 'integers' }
  }
  if (type instanceof z.core.$ZodLiteral) {
    const [value] = type._zod.values as Set<number>
    return { ...flag, kind: 'integer', min: value, max: value }
  }
  return flag
}

/** What a number is checked for, wherever a build of zod keeps it. */
const checksOf = ({ _zod: { def } }: z.core.$ZodNumber) =>
  [def, ...(def.checks ?? []).map((check) => check._zod.def)] as {
    check?: string
    format?: string
    value?: number
  }[]

const isWhole = (type: z.core.$ZodNumber): boolean =>
  checksOf(type).some(({ format }) => format === 'safeint')

function boundsOf(type: z.core.$ZodNumber): Pick<Flag, 'min' | 'max'> {
  const bound = (of: string) => checksOf(type).find(({ check }) => check === of)?.value
  return {
    min: bound('greater_than') ?? Number.NEGATIVE_INFINITY,
    max: bound('less_than') ?? Number.POSITIVE_INFINITY,
  }
}

const TEXT_RULES: Partial<Record<string, string>> = {
  output_dir: 'text',
  runs: 'runs as flag:value,flag:value separated by semicolons',
  efficientnet_checkpoint_path: 'path',
  pretrained_path: 'path',
  dataset: `one of ${DATASETS.join(', ')}, or the name of your own images`,
}

/** The rule of a flag in words: `whole number, 1 to 4096`. */
export function ruleOf({ kind, choices, min, max, nullable, name, rule }: Flag<string>): string {
  const range = Number.isFinite(max) ? `${min} to ${max}` : `${min} or more`
  const rules: Record<FlagKind, string> = {
    boolean: 'true or false',
    choice: `one of ${choices.join(', ')}`,
    number: `number, ${range}`,
    integer: min === max ? `only ${min}` : `whole number, ${range}`,
    integers: `whole numbers, ${range}, separated by commas`,
    text: rule ?? TEXT_RULES[name] ?? 'comma-separated sizes, as 256,128',
  }
  return rules[kind] + (nullable ? ', or none' : '')
}

export type Reading<T> = { ok: true; value: T } | { ok: false; message: string }
export type FlagReading = Reading<RunConfig[FieldName]>

/** Reads the text of one flag; the message has the form `flag: rule, got text`. */
export const readFlag = (name: FieldName, text: string): FlagReading =>
  readTyped(flagOf(name), runConfigShape[name] as z.core.$ZodType<RunConfig[FieldName]>, text)

/** The same of a flag that is no field of RunConfig. */
export function readTyped<T>(flag: Flag<string>, type: z.core.$ZodType<T>, text: string): Reading<T> {
  const value = parse(flag, text)
  const read = value === undefined ? undefined : z.core.safeParse(type, value)
  if (read?.success) return { ok: true, value: read.data }
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text
  return { ok: false, message: `${flag.name}: ${ruleOf(flag)}, got "${shown}"` }
}

/** The text that `readFlag` reads back. */
export function flagText(value: RunConfig[FieldName]): string {
  return value === null ? '' : String(value)
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
// The spellings that absl takes.
const TRUE = /^(true|t|1)$/i
const FALSE = /^(false|f|0)$/i

/** undefined where the text cannot be such a value. */
function parse({ kind, nullable }: Flag<string>, text: string): unknown {
  const trimmed = text.trim()
  if (nullable && /^(none)?$/i.test(trimmed)) return null
  // -0 would be another text, and another run folder, than 0.
  const number = (part: string) => (DECIMAL.test(part.trim()) ? Number(part) + 0 : undefined)
  switch (kind) {
    case 'boolean':
      return TRUE.test(trimmed) ? true : FALSE.test(trimmed) ? false : undefined
    case 'integer':
    case 'number':
      return number(trimmed)
    case 'integers':
      return trimmed === '' ? [] : trimmed.split(',').map(number)
    default:
      return text
  }
}
