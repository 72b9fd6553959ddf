/**
 * Reads a zip archive by its central directory and checks every file's CRC, which fflate does not do: a flipped bit
 * in a weight must not pass. Writing needs no such care and is fflate's.
 * Source: PKWARE, APPNOTE.TXT 6.3.10, §4.3 (no zip64, no encryption, methods 0 and 8).
 */
import { inflateSync } from 'fflate'
import { BasinError } from '../../base/errors'
import { crc32 } from './crc32'
import { bytesOf } from './tensorData'

const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const END_SIZE = 22
/** Deflate cannot do better, so a file that claims more is damaged and is not given the memory. */
const DEFLATE_LIMIT = 1032
/** Bytes that all files together may grow by: more than any network here has, less than what ends a tab. */
const UNPACKED_LIMIT = 2 ** 30

interface Entry {
  name: string
  method: number
  crc: number
  /** Unpacked bytes. */
  size: number
  /** Of the local header, and of the packed bytes behind it. */
  local: number
  start: number
  end: number
}

/** @throws BasinError `file-format` naming the archive's damaged part */
export function unzip(file: Uint8Array): Map<string, Uint8Array> {
  const bytes = bytesOf(file)
  const entries = readDirectory(bytes)
  // Before anything is unpacked: entries that share bytes would multiply a small file's size.
  checkApart(entries)
  const total = entries.reduce((sum, { size }) => sum + size, 0)
  const limit = bytes.length + UNPACKED_LIMIT
  if (total > limit) throw damaged(`at most ${limit} bytes unpacked, got ${total}`)
  const files = new Map<string, Uint8Array>()
  for (const entry of entries) {
    if (files.has(entry.name)) throw damaged(`${entry.name}: only once in the archive`)
    files.set(entry.name, unpack(entry, bytes.subarray(entry.start, entry.end)))
  }
  return files
}

function readDirectory(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const need = (at: number, length: number, what: string) => {
    if (at + length > bytes.length) throw damaged(`${what}: the archive ends within it`)
  }
  const directory = endRecord(view)
  const count = view.getUint16(directory + 10, true)
  const entries: Entry[] = []
  let at = view.getUint32(directory + 16, true)
  for (let i = 0; i < count; i++) {
    need(at, 46, 'directory')
    if (view.getUint32(at, true) !== CENTRAL) throw damaged('directory: not where the archive says')
    const method = view.getUint16(at + 10, true)
    const crc = view.getUint32(at + 16, true)
    const packed = view.getUint32(at + 20, true)
    const size = view.getUint32(at + 24, true)
    const nameLength = view.getUint16(at + 28, true)
    const local = view.getUint32(at + 42, true)
    need(at + 46, nameLength, 'directory')
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength))
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    need(local, 30, name)
    if (view.getUint32(local, true) !== LOCAL) throw damaged(`${name}: not where the directory says`)
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
    need(start, packed, name)
    entries.push({ name, method, crc, size, local, start, end: start + packed })
  }
  return entries
}

function checkApart(entries: readonly Entry[]): void {
  let end = 0
  for (const entry of [...entries].sort((a, b) => a.local - b.local)) {
    if (entry.local < end) throw damaged(`${entry.name}: shares bytes with the file before it`)
    end = entry.end
  }
}

function unpack({ name, method, size, crc }: Entry, packed: Uint8Array): Uint8Array {
  let bytes: Uint8Array
  if (method === 0) bytes = packed
  else if (method === 8) {
    if (size > packed.length * DEFLATE_LIMIT) throw damaged(`${name}: more bytes than can be packed so small`)
    try {
      bytes = inflateSync(packed, { out: new Uint8Array(size) })
    } catch {
      throw damaged(`${name}: cannot be unpacked`)
    }
  } else throw damaged(`${name}: packed by method 0 or 8, got ${method}`)
  if (bytes.length !== size) throw damaged(`${name}: ${size} bytes, got ${bytes.length}`)
  if (crc32(bytes) !== crc) throw damaged(`${name}: its bytes do not match their checksum`)
  return bytes
}

/** The end record is followed by nothing but a comment. */
function endRecord(view: DataView): number {
  for (let at = view.byteLength - END_SIZE; at >= Math.max(0, view.byteLength - END_SIZE - 0xffff); at--) {
    if (view.getUint32(at, true) === END && at + END_SIZE + view.getUint16(at + 20, true) === view.byteLength)
      return at
  }
  throw damaged('no directory at the end')
}

function damaged(rule: string): BasinError {
  return new BasinError(
    'file-format',
    `zip: ${rule}`,
    'Get the file again; it is damaged, or not a zip archive.',
  )
}
