/**
 * Reads the msgpack of Flax's files into a tree of maps, numbers and arrays.
 *
 * Not @msgpack/msgpack's decoder (its encoder and decoder are what the tests compare with): that one keeps the last of
 * two equal keys without a word, has no bound on depth and on the number of values, allocates lists by the length they
 * claim, and cannot say at which tensor a file breaks off. Here every error carries the path, depth and count are
 * bounded, and nothing but the small tree is allocated: arrays stay views of the file.
 * Source: msgpack specification; flax.serialization.
 */
import { BasinError } from '../../../base/errors'
import { bytesOf } from '../tensorData'
import { ArrayFault, type FlaxArray, flaxArray, joinChunks } from './flaxArray'

export type FlaxLeaf = FlaxArray | number | boolean | string | null
export type FlaxNode = FlaxTree | FlaxLeaf
/** Keys in the file's order. */
export interface FlaxTree extends Map<string, FlaxNode> {}

/** A network's modules nest a handful of levels; the deepest reference file has eight. */
const MAX_DEPTH = 32
/** Maps and leaves; the largest network of the reference has about 7,000 with its optimizer. */
const MAX_NODES = 200_000
const MAX_TEXT = 1024
const MAX_AXES = 32

const NDARRAY = 1
const SCALAR = 3
const CHUNKED = '__msgpack_chunked_array__'

/**
 * @param file a whole file; the arrays in the tree are views of it
 * @throws BasinError `file-format` with the path at which it is damaged
 */
export function readFlaxTree(file: Uint8Array): FlaxTree {
  const reader = new Reader(bytesOf(file))
  const tree = reader.node(0)
  if (!(tree instanceof Map)) throw damaged('', 'a map at the top')
  reader.end()
  return tree
}

/** Whether bytes begin as a msgpack map whose first key is a text; a PNG begins as a map of nine, but with a number. */
export function isFlax(bytes: Uint8Array): boolean {
  const head = (bytes[0] & 0xf0) === 0x80 ? 1 : bytes[0] === 0xde ? 3 : bytes[0] === 0xdf ? 5 : undefined
  if (head === undefined) return false
  const key = bytes[head]
  return (key & 0xe0) === 0xa0 || (key >= 0xd9 && key <= 0xdb)
}

class Reader {
  readonly #view: DataView
  readonly #path: string[] = []
  #at = 0
  #nodes = 0

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  end(): void {
    const left = this.bytes.length - this.#at
    if (left > 0) throw this.#fault(`the file ends with the top map, got ${left} bytes after it`)
  }

  node(depth: number): FlaxNode {
    if (++this.#nodes > MAX_NODES) throw this.#fault(`at most ${MAX_NODES} values in a file`)
    const tag = this.#byte()
    if (tag < 0x80) return tag
    if (tag <= 0x8f) return this.#map(tag & 0x0f, depth)
    if (tag >= 0xe0) return tag - 0x100
    if (tag >= 0xa0 && tag <= 0xbf) return this.#text(tag & 0x1f)
    switch (tag) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc7:
        return this.#extension(this.#uint(1))
      case 0xc8:
        return this.#extension(this.#uint(2))
      case 0xc9:
        return this.#extension(this.#uint(4))
      case 0xca:
        return this.#view.getFloat32(this.#take(4))
      case 0xcb:
        return this.#view.getFloat64(this.#take(8))
      case 0xcc:
        return this.#uint(1)
      case 0xcd:
        return this.#uint(2)
      case 0xce:
        return this.#uint(4)
      case 0xcf:
        return Number(this.#view.getBigUint64(this.#take(8)))
      case 0xd0:
        return this.#view.getInt8(this.#take(1))
      case 0xd1:
        return this.#view.getInt16(this.#take(2))
      case 0xd2:
        return this.#view.getInt32(this.#take(4))
      case 0xd3:
        return Number(this.#view.getBigInt64(this.#take(8)))
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(2 ** (tag - 0xd4))
      case 0xd9:
        return this.#text(this.#uint(1))
      case 0xda:
        return this.#text(this.#uint(2))
      case 0xde:
        return this.#map(this.#uint(2), depth)
      case 0xdf:
        return this.#map(this.#uint(4), depth)
      default:
        throw this.#fault(`a map, a number, a text or an array, got type 0x${tag.toString(16)}`)
    }
  }

  #map(size: number, depth: number): FlaxNode {
    if (depth === MAX_DEPTH) throw this.#fault(`at most ${MAX_DEPTH} maps within each other`)
    // A pair has two bytes at least.
    const left = this.bytes.length - this.#at
    if (size > left / 2) throw this.#fault(`a map of ${size} entries, got only ${left} more bytes`)
    const map: FlaxTree = new Map()
    for (let i = 0; i < size; i++) {
      const key = this.#key()
      if (map.has(key)) throw this.#fault(`${key.slice(0, 80)}: only once in its map`)
      this.#path.push(key)
      map.set(key, this.node(depth + 1))
      this.#path.pop()
    }
    return map.get(CHUNKED) === true ? this.#chunked(map) : map
  }

  #key(): string {
    const tag = this.#byte()
    if (tag >= 0xa0 && tag <= 0xbf) return this.#text(tag & 0x1f)
    if (tag === 0xd9) return this.#text(this.#uint(1))
    if (tag === 0xda) return this.#text(this.#uint(2))
    throw this.#fault(`a text as key, got type 0x${tag.toString(16)}`)
  }

  #text(length: number): string {
    if (length > MAX_TEXT) throw this.#fault(`texts of at most ${MAX_TEXT} bytes, got ${length}`)
    const from = this.#take(length)
    try {
      return UTF8.decode(this.bytes.subarray(from, from + length))
    } catch {
      throw this.#fault('text in UTF-8')
    }
  }

  #extension(length: number): FlaxArray | number {
    const type = this.#view.getInt8(this.#take(1))
    if (type !== NDARRAY && type !== SCALAR) {
      throw this.#fault(`an array (extension ${NDARRAY}), got extension ${type}`)
    }
    const end = this.#take(length) + length
    this.#at = end - length
    const array = this.#array(end)
    if (type === NDARRAY) return array
    return Number(array.data[0])
  }

  #array(end: number): FlaxArray {
    if (this.#byte() !== 0x93) throw this.#fault('an array as [shape, type, bytes]')
    const axes = this.#byte()
    if ((axes & 0xf0) !== 0x90 && axes !== 0xdc) throw this.#fault('a shape')
    const rank = axes === 0xdc ? this.#uint(2) : axes & 0x0f
    if (rank > MAX_AXES) throw this.#fault(`at most ${MAX_AXES} axes, got ${rank}`)
    const shape = Array.from({ length: rank }, () => this.#size())
    const dtype = this.#key()
    const tag = this.#byte()
    const width = { 196: 1, 197: 2, 198: 4 }[tag]
    if (!width) throw this.#fault('the values as bytes')
    const length = this.#uint(width)
    const from = this.#take(length)
    if (this.#at !== end) throw this.#fault(`an array that fills its ${end} bytes, got ${this.#at}`)
    return this.#guard(() => flaxArray(shape, dtype, [this.bytes.subarray(from, from + length)]))
  }

  /** An extent of a shape. */
  #size(): number {
    const tag = this.#byte()
    if (tag < 0x80) return tag
    if (tag >= 0xcc && tag <= 0xce) return this.#uint(2 ** (tag - 0xcc))
    if (tag === 0xcf) return Number(this.#view.getBigUint64(this.#take(8)))
    throw this.#fault(`a shape of sizes, got type 0x${tag.toString(16)}`)
  }

  /** What later versions make of an array above 2³⁰ bytes: {shape: {0: …}, chunks: {0: array, …}}. */
  #chunked(map: FlaxTree): FlaxArray {
    const shape = inOrder(map.get('shape'))
    const chunks = inOrder(map.get('chunks'))
    const isShape = shape?.every((size) => typeof size === 'number')
    const areArrays = chunks?.every(isArray)
    if (!isShape || !areArrays) throw this.#fault('a chunked array with its shape and its chunks')
    return this.#guard(() => joinChunks(shape as number[], chunks as FlaxArray[]))
  }

  #guard<T>(body: () => T): T {
    try {
      return body()
    } catch (error) {
      if (error instanceof ArrayFault) throw this.#fault(error.message)
      throw error
    }
  }

  #byte(): number {
    return this.bytes[this.#take(1)]
  }

  #uint(width: number): number {
    const at = this.#take(width)
    if (width === 1) return this.#view.getUint8(at)
    return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at)
  }

  /** Where the next `length` bytes begin. */
  #take(length: number): number {
    const at = this.#at
    if (at + length > this.bytes.length) {
      const got = this.bytes.length - at
      throw this.#fault(`${length} more bytes, got ${got}: the file ends here, or a length is wrong`)
    }
    this.#at += length
    return at
  }

  #fault(rule: string): BasinError {
    return damaged(this.#path.join('/'), rule)
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const isArray = (node: FlaxNode | undefined): node is FlaxArray =>
  typeof node === 'object' && node !== null && !(node instanceof Map)

/** The entries of a tuple, which Flax keeps as a map with the keys "0", "1", … */
function inOrder(node: FlaxNode | undefined): FlaxNode[] | undefined {
  if (!(node instanceof Map)) return undefined
  const entries = Array.from({ length: node.size }, (_, i) => node.get(String(i)))
  return entries.includes(undefined) ? undefined : (entries as FlaxNode[])
}

function damaged(path: string, rule: string): BasinError {
  const where = path.length > 200 ? `…${path.slice(-200)}` : path
  return new BasinError(
    'file-format',
    `flax: ${where && `${where}: `}${rule}`,
    'Get the file again; it is damaged, or not a Flax checkpoint.',
  )
}
