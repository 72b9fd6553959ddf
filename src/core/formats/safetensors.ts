/**
 * safetensors: eight bytes of header length, a JSON header (name → type, shape, byte range), the values.
 * A file is taken whole or refused: every byte of the values belongs to exactly one tensor, as the format's own
 * library demands, so a damaged header cannot pass for another one. Nothing is allocated that the file's own size
 * does not account for.
 * Source: https://github.com/huggingface/safetensors (format section of the readme).
 */
import { BasinError } from '../../base/errors'
import { repeatedKey } from './jsonKeys'
import {
  bytesOf,
  elementCount,
  type NamedTensor,
  type TensorData,
  type TensorInputs,
  tensorEntries,
  widenBfloat,
  widenHalf,
} from './tensorData'

export interface Safetensors {
  tensors: Map<string, NamedTensor>
  metadata: Record<string, string>
}

interface DType {
  bytes: number
  /** @param buffer exactly the tensor's bytes, aligned */
  read(buffer: ArrayBuffer): TensorData
}

const DTYPES = new Map<string, DType>([
  ['F64', { bytes: 8, read: (buffer) => new Float64Array(buffer) }],
  ['I64', { bytes: 8, read: (buffer) => new BigInt64Array(buffer) }],
  ['U64', { bytes: 8, read: (buffer) => new BigUint64Array(buffer) }],
  ['F32', { bytes: 4, read: (buffer) => new Float32Array(buffer) }],
  ['I32', { bytes: 4, read: (buffer) => new Int32Array(buffer) }],
  ['U32', { bytes: 4, read: (buffer) => new Uint32Array(buffer) }],
  ['F16', { bytes: 2, read: (buffer) => widenHalf(new Uint16Array(buffer)) }],
  ['BF16', { bytes: 2, read: (buffer) => widenBfloat(new Uint16Array(buffer)) }],
  ['I16', { bytes: 2, read: (buffer) => new Int16Array(buffer) }],
  ['U16', { bytes: 2, read: (buffer) => new Uint16Array(buffer) }],
  ['I8', { bytes: 1, read: (buffer) => new Int8Array(buffer) }],
  ['U8', { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
  ['BOOL', { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
])

const PREFIX = 8
const METADATA = '__metadata__'

interface HeaderEntry {
  name: string
  dtype: string
  shape: number[]
  begin: number
  end: number
}

/**
 * @returns copies: the input may be dropped. F16 and BF16 are widened, BOOL gives bytes.
 * @throws BasinError `file-format` saying what is wrong, with the tensor's name
 */
export function decodeSafetensors(file: Uint8Array): Safetensors {
  // Node's Buffer shares memory on slice; a plain view copies.
  const bytes = bytesOf(file)
  if (bytes.length < PREFIX + 2) throw damaged(`at least ${PREFIX + 2} bytes, got ${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerLength = Number(view.getBigUint64(0, true))
  const available = bytes.length - PREFIX
  if (headerLength > available) throw damaged(`header of ${headerLength} bytes, got ${available} in all`)
  const values = bytes.subarray(PREFIX + headerLength)
  const { entries, metadata } = readHeader(bytes.subarray(PREFIX, PREFIX + headerLength))
  checkCoverage(entries, values.length)
  const tensors = new Map<string, NamedTensor>()
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, { shape, dtype, data: DTYPES.get(dtype)!.read(values.slice(begin, end).buffer) })
  }
  return { tensors, metadata }
}

function readHeader(bytes: Uint8Array): { entries: HeaderEntry[]; metadata: Record<string, string> } {
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    header = JSON.parse(text)
  } catch {
    throw damaged('header: JSON in UTF-8')
  }
  if (!isRecord(header)) throw damaged('header: a JSON object')
  const twice = repeatedKey(text)
  if (twice !== undefined) throw damaged(`tensor ${quote(twice)}: only once in the header`)
  const entries: HeaderEntry[] = []
  let metadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = readMetadata(value)
    else entries.push(readEntry(name, value))
  }
  return { entries, metadata }
}

function readMetadata(value: unknown): Record<string, string> {
  if (!isRecord(value)) throw damaged(`${METADATA}: an object of strings`)
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw damaged(`${METADATA}: ${quote(key)} is a string, got ${typeof text}`)
  }
  return value as Record<string, string>
}

function readEntry(name: string, value: unknown): HeaderEntry {
  const where = `tensor ${quote(name)}`
  if (!isRecord(value)) throw damaged(`${where}: an object with dtype, shape and data_offsets`)
  const { dtype, shape, data_offsets: offsets } = value
  const type = typeof dtype === 'string' ? DTYPES.get(dtype) : undefined
  if (!type) throw damaged(`${where}: dtype is one of ${[...DTYPES.keys()].join(' ')}, got ${quote(dtype)}`)
  const count = Array.isArray(shape) ? elementCount(shape) : Number.NaN
  if (Number.isNaN(count)) throw damaged(`${where}: shape is a list of sizes, got ${quote(shape)}`)
  const ok = Array.isArray(offsets) && offsets.length === 2 && !Number.isNaN(elementCount(offsets))
  if (!ok || offsets[0] > offsets[1]) {
    throw damaged(`${where}: data_offsets is [begin, end], got ${quote(offsets)}`)
  }
  const [begin, end] = offsets as [number, number]
  if (end - begin !== count * type.bytes) {
    throw damaged(`${where}: ${quote(shape)} of ${dtype} is ${count * type.bytes} bytes, got ${end - begin}`)
  }
  return { name, dtype: dtype as string, shape: shape as number[], begin, end }
}

/** Every byte in exactly one tensor. */
function checkCoverage(entries: readonly HeaderEntry[], length: number): void {
  let at = 0
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const where = `tensor ${quote(name)}`
    if (begin < at) throw damaged(`${where}: starts at byte ${at} or later, got ${begin} (tensors overlap)`)
    if (begin > at) throw damaged(`${where}: starts at byte ${at}, got ${begin} (a gap before it)`)
    if (end > length) throw damaged(`${where}: ends by byte ${length}, the end of the file, got ${end}`)
    at = end
  }
  if (at < length) throw damaged(`the tensors end with the file, got ${length - at} bytes after the last`)
}

/**
 * @param tensors written in their order, wider types first so that every tensor is aligned
 * @returns the file; the header is padded with spaces to a multiple of eight bytes, as the format's library does
 */
export function encodeSafetensors(tensors: TensorInputs, metadata: Record<string, string> = {}): Uint8Array {
  const entries = tensorEntries(tensors, 'safetensors').sort(
    ([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT,
  )
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : []
  let length = 0
  for (const [name, { shape, data }] of entries) {
    if (name === METADATA) throw new BasinError('internal', `safetensors: ${METADATA} is no tensor's name`)
    const offsets = [length, length + data.byteLength]
    header.push([name, { dtype: NAMES[data[Symbol.toStringTag]], shape: [...shape], data_offsets: offsets }])
    length += data.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const start = PREFIX + Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(start + length).fill(0x20, PREFIX, start)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - PREFIX), true)
  bytes.set(text, PREFIX)
  let at = start
  for (const [, { data }] of entries) {
    bytes.set(bytesOf(data), at)
    at += data.byteLength
  }
  return bytes
}

const NAMES: Record<TensorData[typeof Symbol.toStringTag], string> = {
  Float64Array: 'F64',
  BigInt64Array: 'I64',
  BigUint64Array: 'U64',
  Float32Array: 'F32',
  Int32Array: 'I32',
  Uint32Array: 'U32',
  Int16Array: 'I16',
  Uint16Array: 'U16',
  Int8Array: 'I8',
  Uint8Array: 'U8',
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** As JSON, cut short: a damaged file can hold anything, also lists nested deeper than JSON.stringify can follow. */
function quote(value: unknown): string {
  let text: string
  try {
    text = JSON.stringify(value) ?? 'nothing'
  } catch {
    text = 'lists too deep to show'
  }
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

function damaged(rule: string): BasinError {
  return new BasinError(
    'file-format',
    `safetensors: ${rule}`,
    'Get the file again; it is damaged, or not a safetensors file.',
  )
}
