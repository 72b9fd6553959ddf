/**
 * MATLAB level 5 .mat files: numeric, character, cell and struct arrays, both byte orders, compressed variables.
 * Values are column-major, as in the file. Level 7.3 is HDF5 and another format altogether.
 * Source: MathWorks, MAT-File Format, chapter 1 (level 5).
 */
import { BasinError } from '../../../base/errors'
import { ByteReader, inflate, readAll } from '../byteStream'
import { Cursor, damaged, ELEMENT_BYTES, MATRIX, viewOf } from './matCursor'
import { type MatValue, matrixHead, matrixValue, product } from './matValue'

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
const COMPRESSED = 15
/** A variable's flags, dimensions and name fit in this. */
const HEAD = 1024
const TEXT = new TextDecoder()

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
