/**
 * A variable of a .mat file from its bytes: its head, and its value with all that is within it.
 * Source: MathWorks, MAT-File Format, chapter 1 (level 5), array elements.
 */
import { Cursor, damaged, MATRIX } from './matCursor'

export type MatValue =
  | { kind: 'numeric'; dims: number[]; values: ArrayLike<number> }
  | { kind: 'text'; text: string }
  | { kind: 'cell'; dims: number[]; items: MatValue[] }
  | {
      kind: 'struct'
      dims: number[] /** Field by field, one value per element. */
      fields: Map<string, MatValue[]>
    }

const MAX_DEPTH = 8
const TEXT = new TextDecoder()

const ARRAY_CLASSES: Record<number, 'cell' | 'struct' | 'text' | 'numeric'> = {
  1: 'cell',
  2: 'struct',
  4: 'text',
  ...Object.fromEntries([6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((code) => [code, 'numeric'])),
}

/** Kind, dimensions and name. @throws BasinError `data-damaged` */
export function matrixHead(cursor: Cursor) {
  const { filename } = cursor
  const flags = cursor.tag()
  if (flags.type !== 6 || flags.size !== 8) throw damaged(filename, 'a variable begins with its flags')
  const word = cursor.numbers(flags)[0]
  const kind = ARRAY_CLASSES[word & 0xff]
  const dimensions = cursor.tag()
  if (dimensions.type !== 5 || dimensions.size < 8 || dimensions.size > 128) {
    throw damaged(filename, 'a variable has 2 to 32 dimensions')
  }
  const dims = Array.from(cursor.numbers(dimensions))
  if (dims.some((length) => length < 0) || product(dims) > Number.MAX_SAFE_INTEGER) {
    throw damaged(filename, `dimensions that can be, got [${dims}]`)
  }
  const nameTag = cursor.tag()
  if (nameTag.size > 512) throw damaged(filename, 'a variable’s name has at most 63 letters')
  const name = TEXT.decode(cursor.bytesOf(nameTag))
  if (!kind)
    throw damaged(filename, `${name}: arrays of numbers, text, cells or structs, got class ${word & 0xff}`)
  return { kind, dims, name, complex: (word & 0x800) !== 0 }
}

/** @throws BasinError `data-damaged` */
export function matrixValue(cursor: Cursor, depth: number): MatValue {
  const { filename } = cursor
  if (depth > MAX_DEPTH) throw damaged(filename, `at most ${MAX_DEPTH} arrays within each other`)
  // An empty cell may have no header at all.
  if (cursor.bytes.length === 0) return { kind: 'numeric', dims: [0, 0], values: [] }
  const { kind, dims } = matrixHead(cursor)
  const count = product(dims)
  if (kind === 'numeric') {
    const values = cursor.numbers(cursor.tag())
    if (values.length !== count) throw damaged(filename, `${count} values, got ${values.length}`)
    return { kind, dims, values }
  }
  if (kind === 'text') return { kind, text: cursor.text(cursor.tag()) }
  const inner = (): MatValue => {
    const tag = cursor.tag()
    if (tag.type !== MATRIX) throw damaged(filename, `an array within an array, got type ${tag.type}`)
    return matrixValue(new Cursor(cursor.bytesOf(tag), cursor.little, filename), depth + 1)
  }
  // Every inner array takes eight bytes at least.
  const most = cursor.bytes.length / 8
  if (count > most) throw damaged(filename, `at most ${Math.floor(most)} inner arrays, got ${count}`)
  if (kind === 'cell') return { kind, dims, items: Array.from({ length: count }, inner) }
  const names = fieldNames(cursor)
  if (count * names.length > most) throw damaged(filename, 'more fields than bytes')
  const fields = new Map<string, MatValue[]>(names.map((name) => [name, []]))
  for (let i = 0; i < count; i++) for (const name of names) fields.get(name)?.push(inner())
  return { kind, dims, fields }
}

function fieldNames(cursor: Cursor): string[] {
  const length = cursor.numbers(cursor.tag())[0] ?? 0
  const bytes = cursor.bytesOf(cursor.tag())
  if (length < 1 || bytes.length % length !== 0) throw damaged(cursor.filename, 'field names of one length')
  return Array.from({ length: bytes.length / length }, (_, i) =>
    TEXT.decode(bytes.subarray(i * length, (i + 1) * length)).replace(/\0.*$/s, ''),
  )
}

export const product = (dims: readonly number[]) => dims.reduce((total, length) => total * length, 1)
