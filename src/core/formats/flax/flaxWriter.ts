/**
 * Writes a tree as Flax's msgpack files have it, byte for byte as flax 0.2.2 does: the shortest form of every length,
 * arrays as extension 1 with NumPy's type names, never chunked.
 * Memory: the file once, plus its headers; an encoder that grows its buffer would need the file three times over.
 */
import { concat } from '../../../base/concat'
import { BasinError } from '../../../base/errors'
import { bytesOf, elementCount } from '../tensorData'

/** What is written of an array; the class of `data` is the type. */
export interface FlaxArrayInput {
  shape: readonly number[]
  data: Float32Array | Int32Array
}

export type FlaxInput = ReadonlyMap<string, FlaxInput> | FlaxArrayInput | number

/** msgpack counts an extension's bytes in 32 bits. */
const MAX_EXTENSION = 2 ** 32 - 1

/** @throws BasinError `unsupported` for an array of 4 GiB and more */
export function writeFlaxTree(tree: ReadonlyMap<string, FlaxInput>): Uint8Array {
  const pieces: Uint8Array[] = []
  append(pieces, tree, '')
  return concat(pieces)
}

function append(pieces: Uint8Array[], node: FlaxInput, path: string): void {
  if (typeof node === 'number') pieces.push(integer(node))
  else if (isMap(node)) {
    pieces.push(sized(node.size, { fix: 0x80, fixLimit: 16, tags: [undefined, 0xde, 0xdf] }))
    for (const [key, value] of node) {
      pieces.push(text(key))
      append(pieces, value, `${path}/${key}`)
    }
  } else pieces.push(...array(node, path))
}

const isMap = (node: FlaxInput): node is ReadonlyMap<string, FlaxInput> => node instanceof Map

function array({ shape, data }: FlaxArrayInput, path: string): Uint8Array[] {
  if (elementCount(shape) !== data.length) {
    throw new BasinError('internal', `flax: ${path} has shape [${shape}] and ${data.length} values`)
  }
  const values = bytesOf(data)
  const head = joined([
    [0x93],
    sized(shape.length, { fix: 0x90, fixLimit: 16, tags: [undefined, 0xdc, 0xdd] }),
    ...shape.map(integer),
    text(data instanceof Float32Array ? '<f4' : '<i4'),
    sized(values.length, { tags: [0xc4, 0xc5, 0xc6] }),
  ])
  const length = head.length + values.length
  if (length > MAX_EXTENSION) {
    throw new BasinError('unsupported', `flax: ${path}: at most 4 GiB in an array`, 'Export as safetensors.')
  }
  const fixed = [1, 2, 4, 8, 16].indexOf(length)
  const extension = fixed >= 0 ? [0xd4 + fixed] : sized(length, { tags: [0xc7, 0xc8, 0xc9] })
  return [joined([extension, [1], head]), values]
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value)
  return joined([sized(bytes.length, { fix: 0xa0, fixLimit: 32, tags: [0xd9, 0xda, 0xdb] }), bytes])
}

/** Whole and not negative: epochs and extents. */
function integer(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0 || value > MAX_EXTENSION) {
    throw new BasinError('internal', `flax: a whole number below 2^32, got ${value}`)
  }
  return sized(value, { fix: 0, fixLimit: 128, tags: [0xcc, 0xcd, 0xce] })
}

interface Forms {
  /** Tag of the form that has the length within it, and the first length that does not fit there. */
  fix?: number
  fixLimit?: number
  /** Of the forms with a length of 8, 16 and 32 bits. */
  tags: readonly (number | undefined)[]
}

function sized(length: number, { fix = 0, fixLimit = 0, tags: [byte, short, long] }: Forms): Uint8Array {
  if (length < fixLimit) return Uint8Array.of(fix | length)
  if (byte !== undefined && length < 0x100) return Uint8Array.of(byte, length)
  if (length < 0x10000) return Uint8Array.of(short!, length >> 8, length & 0xff)
  const bytes = new Uint8Array(5)
  bytes[0] = long!
  new DataView(bytes.buffer).setUint32(1, length)
  return bytes
}

function joined(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}
