/**
 * MATLAB level 5 .mat files: numeric, character, cell and struct arrays, both byte orders, compressed variables.
 * Values are column-major, as in the file. Level 7.3 is HDF5 and another format altogether.
 * Source: MathWorks, MAT-File Format, chapter 1 (level 5).
 */
import { BasinError } from '../errors'
import { ByteReader, inflate, readAll } from './byteStream'

export type MatValue =
  | { kind: 'numeric'; dims: number[]; values: ArrayLike<number> }
  | { kind: 'text'; text: string }
  | { kind: 'cell'; dims: number[]; items: MatValue[] }
  | {
      kind: 'struct'
      dims: number[] /** Field by field, one value per element. */
      fields: Map<string, MatValue[]>
    }

/** A top-level variable: its shape at once, its bytes when asked for, before the next variable. */
export interface MatVariable {
  name: string
  dims: number[]
  /** True for an array stored as uint8. */
  isUint8: boolean
  /** Unpacked bytes of a numeric array's values; undefined for the other kinds. */
  dataBytes: number | undefined
  /** The raw values of a numeric array. */
  data(): ByteReader
  /** @throws BasinError `data-damaged` when it has more than `limit` bytes or is damaged */
  value(limit: number): Promise<MatValue>
}

const HEADER = 128
const MATRIX = 14
const COMPRESSED = 15
/** A variable's flags, dimensions and name fit in this. */
const HEAD = 1024
const MAX_DEPTH = 8
/** Unpacked bytes that one variable read whole may have. */
const TEXT = new TextDecoder()

const ARRAY_CLASSES: Record<number, 'cell' | 'struct' | 'text' | 'numeric'> = {
  1: 'cell',
  2: 'struct',
  4: 'text',
  ...Object.fromEntries([6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((code) => [code, 'numeric'])),
}

const ELEMENT_BYTES: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 2,
  5: 4,
  6: 4,
  7: 4,
  9: 8,
  12: 8,
  13: 8,
  16: 1,
  17: 2,
  18: 4,
}

/** Whether bytes begin as a level 5 file does. */
export function isMat(bytes: Uint8Array): boolean {
  return bytes.length >= 19 && TEXT.decode(bytes.subarray(0, 19)).startsWith('MATLAB 5.0 MAT-file')
}

/** The variables one after the other. @throws BasinError `file-format`, `data-damaged`, `unsupported` naming the file */
export async function* matVariables(
  stream: ReadableStream<Uint8Array>,
  filename: string,
): AsyncGenerator<MatVariable> {
  const reader = new ByteReader(stream)
  try {
    const header = await reader.read(HEADER)
    const little = byteOrder(header, filename)
    for (;;) {
      const tag = await reader.read(8)
      if (tag.length === 0) return
      if (tag.length < 8) throw damaged(filename, 'ends within an element')
      const view = viewOf(tag)
      const type = view.getUint32(0, little)
      const size = view.getUint32(4, little)
      const element = limited(reader, size, filename)
      if (type === COMPRESSED) {
        const inner = new ByteReader(inflate(element.stream, 'deflate', filename))
        const innerTag = await inner.read(8)
        if (innerTag.length < 8) throw damaged(filename, 'ends within a compressed variable')
        const innerView = viewOf(innerTag)
        if (innerView.getUint32(0, little) === MATRIX) {
          yield await variableOf(inner, innerView.getUint32(4, little), little, filename)
        }
        await inner.cancel()
      } else if (type === MATRIX) {
        yield await variableOf(new ByteReader(element.stream), size, little, filename)
      }
      await element.finish()
      // Uncompressed elements are padded to eight bytes; compressed ones are not.
      if (type !== COMPRESSED && size % 8 !== 0) await reader.skip(8 - (size % 8))
    }
  } finally {
    await reader.cancel()
  }
}

/** All variables of a small file. */
export async function readMat(
  stream: ReadableStream<Uint8Array>,
  filename: string,
  limit: number,
): Promise<Map<string, MatValue>> {
  const values = new Map<string, MatValue>()
  for await (const variable of matVariables(stream, filename)) {
    values.set(variable.name, await variable.value(limit))
  }
  return values
}

function byteOrder(header: Uint8Array, filename: string): boolean {
  const begin = TEXT.decode(header.subarray(0, 10))
  if (begin === 'MATLAB 7.3') {
    throw new BasinError(
      'unsupported',
      `${filename}: a level 5 .mat file, got level 7.3 (HDF5)`,
      'Save it with MATLAB’s -v7 option, or take the original file.',
    )
  }
  const mark = header.length === HEADER ? TEXT.decode(header.subarray(126, 128)) : ''
  if (mark !== 'IM' && mark !== 'MI') {
    throw new BasinError(
      'file-format',
      `${filename}: a level 5 .mat file begins with 128 bytes that end in IM or MI, got ${JSON.stringify(mark)}`,
      'Choose the original .mat file.',
    )
  }
  return mark === 'IM'
}

/** `size` bytes of a reader as a stream; what was not read of them is passed over by `finish`. */
function limited(reader: ByteReader, size: number, filename: string) {
  let left = size
  let finished = false
  // Unpacking reads ahead: a piece may still be on its way when nobody wants it any more.
  let underWay: Promise<void> = Promise.resolve()
  const next = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const piece = await reader.some(left)
    if (!piece) throw damaged(filename, `ends ${left} bytes early`)
    left -= piece.length
    if (!finished) controller.enqueue(piece)
  }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (left === 0 || finished) return controller.close()
        underWay = next(controller)
        return underWay
      },
    },
    { highWaterMark: 0 },
  )
  return {
    stream,
    async finish() {
      finished = true
      await underWay.catch(() => {})
      const want = left
      left = 0
      const skipped = await reader.skip(want)
      if (skipped < want) throw damaged(filename, `ends ${want - skipped} bytes early`)
    },
  }
}

async function variableOf(
  reader: ByteReader,
  size: number,
  little: boolean,
  filename: string,
): Promise<MatVariable> {
  const head = (await reader.read(Math.min(HEAD, size))).slice()
  const cursor = new Cursor(head, little, filename)
  const { kind, dims, name, complex } = matrixHead(cursor)
  let dataBytes: number | undefined
  let isUint8 = false
  let dataAt = 0
  if (kind === 'numeric') {
    const tag = cursor.tag()
    isUint8 = tag.type === 2
    const each = ELEMENT_BYTES[tag.type]
    if (each === undefined || tag.size !== each * product(dims)) {
      throw damaged(filename, `${name}: ${product(dims)} values, got ${tag.size} bytes of type ${tag.type}`)
    }
    if (tag.at + tag.size > size && !tag.small) throw damaged(filename, `${name}: its values end beyond it`)
    dataBytes = tag.size
    dataAt = tag.at
  }
  const whole = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(head),
      async pull(controller) {
        const piece = await reader.some(Number.POSITIVE_INFINITY)
        if (piece) controller.enqueue(piece)
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return {
    name,
    dims,
    isUint8,
    dataBytes,
    data() {
      if (complex || dataBytes === undefined)
        throw damaged(filename, `${name}: real numbers, got another kind`)
      return new ByteReader(skipped(whole, dataAt))
    },
    async value(limit) {
      if (size > limit) throw damaged(filename, `${name}: at most ${limit} bytes, got ${size}`)
      const bytes = await readAll(whole, limit, filename)
      return matrixValue(new Cursor(bytes, little, filename), 0)
    },
  }
}

function skipped(stream: ReadableStream<Uint8Array>, count: number): ReadableStream<Uint8Array> {
  const reader = new ByteReader(stream)
  const passed = reader.skip(count)
  return new ReadableStream(
    {
      async pull(controller) {
        await passed
        const piece = await reader.some(Number.POSITIVE_INFINITY)
        if (piece) controller.enqueue(piece)
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

interface Tag {
  type: number
  size: number
  /** Where its bytes are. */
  at: number
  small: boolean
}

/** Walks the elements of a matrix; every read is checked against the bytes there are. */
class Cursor {
  at = 0
  readonly view: DataView
  constructor(
    readonly bytes: Uint8Array,
    readonly little: boolean,
    readonly filename: string,
  ) {
    this.view = viewOf(bytes)
  }

  /** Reads an element's tag and steps over its bytes and padding. */
  tag(): Tag {
    this.need(this.at, 8)
    const word = this.view.getUint32(this.at, this.little)
    const smallSize = word >>> 16
    if (smallSize > 0) {
      if (smallSize > 4) throw damaged(this.filename, 'a small element has at most 4 bytes')
      const tag = { type: word & 0xffff, size: smallSize, at: this.at + 4, small: true }
      this.at += 8
      return tag
    }
    const size = this.view.getUint32(this.at + 4, this.little)
    const tag = { type: word, size, at: this.at + 8, small: false }
    this.at += 8 + Math.ceil(size / 8) * 8
    return tag
  }

  need(at: number, length: number): void {
    if (at + length > this.bytes.length) throw damaged(this.filename, 'a variable ends within an element')
  }

  bytesOf(tag: Tag): Uint8Array {
    this.need(tag.at, tag.size)
    return this.bytes.subarray(tag.at, tag.at + tag.size)
  }

  numbers(tag: Tag): ArrayLike<number> {
    const each = ELEMENT_BYTES[tag.type]
    if (each === undefined || tag.size % each !== 0) {
      throw damaged(this.filename, `numbers of a known type, got ${tag.size} bytes of type ${tag.type}`)
    }
    const bytes = this.bytesOf(tag)
    if (tag.type === 2) return bytes
    const view = viewOf(bytes)
    const values = new Float64Array(tag.size / each)
    for (let i = 0; i < values.length; i++) values[i] = element(view, i * each, tag.type, this.little)
    return values
  }

  text(tag: Tag): string {
    if (tag.type === 16) return TEXT.decode(this.bytesOf(tag))
    return String.fromCodePoint(
      ...Array.from(this.numbers(tag), (code) => (code >= 0 && code <= 0x10ffff ? code : 0xfffd)),
    )
  }
}

function element(view: DataView, at: number, type: number, little: boolean): number {
  switch (type) {
    case 1:
      return view.getInt8(at)
    case 3:
      return view.getInt16(at, little)
    case 4:
    case 17:
      return view.getUint16(at, little)
    case 5:
      return view.getInt32(at, little)
    case 6:
    case 18:
      return view.getUint32(at, little)
    case 7:
      return view.getFloat32(at, little)
    case 9:
      return view.getFloat64(at, little)
    case 12:
      return Number(view.getBigInt64(at, little))
    case 13:
      return Number(view.getBigUint64(at, little))
    default:
      return view.getUint8(at)
  }
}

function matrixHead(cursor: Cursor) {
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

function matrixValue(cursor: Cursor, depth: number): MatValue {
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

const product = (dims: readonly number[]) => dims.reduce((total, length) => total * length, 1)

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function damaged(filename: string, rule: string): BasinError {
  return new BasinError('data-damaged', `${filename}: ${rule}`, 'Download the file again.')
}
