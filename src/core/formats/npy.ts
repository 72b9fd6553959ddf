/**
 * One NumPy array as bytes (.npy, versions 1 to 3 read, version 1 written).
 * Source: numpy.lib.format, "Format Version 1.0" and "2.0".
 */
import { BasinError } from '../../base/errors'
import {
  bytesOf,
  elementCount,
  type NamedTensor,
  type TensorData,
  type TensorInput,
  widenHalf,
} from './tensorData'

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
const DESCR: Record<TensorData[typeof Symbol.toStringTag], string> = {
  Float64Array: '<f8',
  Float32Array: '<f4',
  BigInt64Array: '<i8',
  BigUint64Array: '<u8',
  Int32Array: '<i4',
  Uint32Array: '<u4',
  Int16Array: '<i2',
  Uint16Array: '<u2',
  Int8Array: '|i1',
  Uint8Array: '|u1',
}
const READERS: Record<string, (buffer: ArrayBuffer) => TensorData> = {
  f8: (buffer) => new Float64Array(buffer),
  f4: (buffer) => new Float32Array(buffer),
  f2: (buffer) => widenHalf(new Uint16Array(buffer)),
  i8: (buffer) => new BigInt64Array(buffer),
  u8: (buffer) => new BigUint64Array(buffer),
  i4: (buffer) => new Int32Array(buffer),
  u4: (buffer) => new Uint32Array(buffer),
  i2: (buffer) => new Int16Array(buffer),
  u2: (buffer) => new Uint16Array(buffer),
  i1: (buffer) => new Int8Array(buffer),
  u1: (buffer) => new Uint8Array(buffer),
  b1: (buffer) => new Uint8Array(buffer),
}

/** @returns the file; its values begin at a multiple of 64 bytes, as NumPy's do */
export function encodeNpy({ shape, data }: TensorInput): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dictionary = `{'descr': '${DESCR[data[Symbol.toStringTag]]}', 'fortran_order': False, 'shape': ${tuple}, }`
  const start = Math.ceil((10 + dictionary.length + 1) / 64) * 64
  const header = `${dictionary.padEnd(start - 11)}\n`
  const bytes = new Uint8Array(start + data.byteLength)
  bytes.set([...MAGIC, 1, 0, (start - 10) & 255, (start - 10) >> 8])
  bytes.set(new TextEncoder().encode(header), 10)
  bytes.set(bytesOf(data), start)
  return bytes
}

/**
 * @param name for messages
 * @returns values in row-major order, whatever the file's order and endianness
 * @throws BasinError `file-format`
 */
export function decodeNpy(file: Uint8Array, name: string): NamedTensor {
  const bytes = bytesOf(file)
  const wide = bytes[6] >= 2
  const prefix = wide ? 12 : 10
  if (bytes.length < prefix || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw damaged(name, 'begins as a .npy file')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const start = prefix + (wide ? view.getUint32(8, true) : view.getUint16(8, true))
  if (start > bytes.length) throw damaged(name, 'a whole header')
  const { order, type, fortran, shape } = readHeader(bytes.subarray(prefix, start), name)
  const width = Number(type[1])
  const count = elementCount(shape)
  const values = bytes.slice(start)
  if (values.length !== count * width) {
    throw damaged(name, `[${shape}] of ${type} is ${count * width} bytes, got ${values.length}`)
  }
  if (order === '>') reverseEach(values, width)
  const data = READERS[type](values.buffer)
  return {
    shape,
    dtype: `${order}${type}`,
    data: fortran && shape.length > 1 ? toRowMajor(data, shape) : data,
  }
}

function readHeader(bytes: Uint8Array, name: string) {
  const text = new TextDecoder().decode(bytes)
  const descr = /'descr':\s*'([<>|=])(\w+)'/.exec(text)
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)
  const tuple = /'shape':\s*\(([\d,\s]*)\)/.exec(text)
  if (!descr || !fortran || !tuple) throw damaged(name, 'a header with descr, fortran_order and shape')
  const [, order, type] = descr
  if (!(type in READERS)) throw damaged(name, `a type of ${Object.keys(READERS).join(' ')}, got ${type}`)
  const shape = tuple[1].split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]))
  if (Number.isNaN(elementCount(shape))) throw damaged(name, `a shape of sizes, got (${tuple[1]})`)
  return { order, type, fortran: fortran[1] === 'True', shape }
}

function reverseEach(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse()
}

/** Column-major values of `shape` in row-major order. */
function toRowMajor(data: TensorData, shape: readonly number[]): TensorData {
  const out = data.slice()
  const index = shape.map(() => 0)
  for (let at = 0; at < out.length; at++) {
    let from = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * shape[axis] + index[axis]
    out[at] = data[from]
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0
  }
  return out
}

function damaged(name: string, rule: string): BasinError {
  return new BasinError(
    'file-format',
    `npy: array ${name}: ${rule}`,
    'Save the array again with numpy.save or numpy.savez.',
  )
}
