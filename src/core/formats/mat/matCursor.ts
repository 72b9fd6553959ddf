/**
 * The elements of a .mat file's variable: tag, bytes, padding; numbers of every stored type and text.
 * Source: MathWorks, MAT-File Format, chapter 1 (level 5), data elements.
 */
import { BasinError } from '../../../base/errors'

/** Bytes of one number by its stored type. */
export const ELEMENT_BYTES: Record<number, number> = {
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

export const MATRIX = 14
const TEXT = new TextDecoder()

export interface Tag {
  type: number
  size: number
  /** Where its bytes are. */
  at: number
  small: boolean
}

/** Walks the elements of a matrix; every read is checked against the bytes there are. */
export class Cursor {
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

export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export function damaged(filename: string, rule: string): BasinError {
  return new BasinError('data-damaged', `${filename}: ${rule}`, 'Download the file again.')
}
