/**
 * A zip archive read piece by piece: its directory first, then each file when it is asked for, checked against its
 * length and CRC; zip64 too. (zip.ts reads small archives whole.)
 * Source: PKWARE, APPNOTE.TXT 6.3.10, §4.3, §4.5.3 (no encryption, one disk, methods 0 and 8).
 */
import { inflateSync } from 'fflate'
import { BasinError } from '../../base/errors'
import type { InputFile } from '../../platform/ports'
import { crc32 } from './crc32'

const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const END_SIZE = 22
const END64 = 0x06064b50
const LOCATOR64 = 0x07064b50
const LOCATOR64_SIZE = 20
const EXTRA64 = 1
const DIRECTORY_LIMIT = 256 * 2 ** 20
/** Deflate cannot do better. */
const DEFLATE_LIMIT = 1032

export interface ZipEntry {
  name: string
  /** Unpacked bytes, by the directory. */
  size: number
  /** @throws BasinError `data-damaged` when its bytes do not fit the directory, or there are more than `limit` */
  read(limit: number): Promise<Uint8Array>
}

export const isZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5)

/** The files of the archive, in its order. @throws BasinError `data-damaged` or `unsupported` */
export async function zipEntries(file: InputFile): Promise<ZipEntry[]> {
  const { count, size, start } = await directoryOf(file)
  if (start + size > file.size || size > DIRECTORY_LIMIT)
    throw damaged(file, 'its directory lies beyond its end')
  const bytes = await file.slice(start, start + size)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: ZipEntry[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) {
      throw damaged(file, `a directory of ${count} files, got ${i}`)
    }
    const nameLength = view.getUint16(at + 28, true)
    if (at + 46 + nameLength > bytes.length) throw damaged(file, 'its directory ends within a name')
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength))
    const extraLength = view.getUint16(at + 30, true)
    if (at + 46 + nameLength + extraLength > bytes.length) throw damaged(file, 'its directory ends early')
    const extra = new DataView(bytes.buffer, bytes.byteOffset + at + 46 + nameLength, extraLength)
    const [unpacked, packed, local] = wideNumbers(extra, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ])
    const record = {
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed,
      size: unpacked,
      local,
    }
    at += 46 + nameLength + extraLength + view.getUint16(at + 32, true)
    if (!name.endsWith('/')) {
      entries.push({ name, size: record.size, read: (limit) => readEntry(file, name, record, limit) })
    }
  }
  return entries
}

interface Found {
  encrypted: boolean
  method: number
  crc: number
  packed: number
  size: number
  local: number
}

async function readEntry(file: InputFile, name: string, found: Found, limit: number): Promise<Uint8Array> {
  const { encrypted, method, crc, packed, size, local } = found
  const fail = (rule: string) => damaged(file, `${name}: ${rule}`)
  if (encrypted) throw fail('not encrypted')
  if (method !== 0 && method !== 8) throw fail(`packed by method 0 or 8, got ${method}`)
  if (size > limit) throw fail(`at most ${limit} bytes, got ${size}`)
  if (size > packed * DEFLATE_LIMIT || (method === 0 && size !== packed)) {
    throw fail('more bytes than can be packed so small')
  }
  const head = await file.slice(local, local + 30)
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (head.length < 30 || view.getUint32(0, true) !== LOCAL) throw fail('not where the directory says')
  const start = local + 30 + view.getUint16(26, true) + view.getUint16(28, true)
  const bytes = await file.slice(start, start + packed)
  if (bytes.length < packed) throw fail('the archive ends within it')
  const unpacked = method === 0 ? bytes : inflated(bytes, size, fail)
  if (unpacked.length !== size) throw fail(`${size} bytes, got ${unpacked.length}`)
  if (crc32(unpacked) !== crc) throw fail('its bytes do not match their checksum')
  return unpacked
}

function inflated(bytes: Uint8Array, size: number, fail: (rule: string) => BasinError): Uint8Array {
  try {
    return inflateSync(bytes, { out: new Uint8Array(size) })
  } catch {
    throw fail('cannot be unpacked')
  }
}

/** Those that do not fit 32 bits are all ones, and stand in this order in the extra field. */
function wideNumbers(extra: DataView, numbers: number[]): number[] {
  let at = 0
  while (at + 4 <= extra.byteLength && extra.getUint16(at, true) !== EXTRA64)
    at += 4 + extra.getUint16(at + 2, true)
  if (at + 4 > extra.byteLength) return numbers
  const end = Math.min(extra.byteLength, at + 4 + extra.getUint16(at + 2, true))
  at += 4
  return numbers.map((number) => {
    if (number !== 0xffffffff || at + 8 > end) return number
    at += 8
    return Number(extra.getBigUint64(at - 8, true))
  })
}

/** Where the directory lies. */
async function directoryOf(file: InputFile): Promise<{ count: number; size: number; start: number }> {
  const { record, at } = await endRecord(file)
  const locator = await file.slice(Math.max(0, at - LOCATOR64_SIZE), at)
  const view = new DataView(locator.buffer, locator.byteOffset, locator.byteLength)
  if (locator.length < LOCATOR64_SIZE || view.getUint32(0, true) !== LOCATOR64) {
    return {
      count: record.getUint16(10, true),
      size: record.getUint32(12, true),
      start: record.getUint32(16, true),
    }
  }
  const place = Number(view.getBigUint64(8, true))
  const wide = await file.slice(Math.min(file.size, place), Math.min(file.size, place + 56))
  const fields = new DataView(wide.buffer, wide.byteOffset, wide.byteLength)
  if (wide.length < 56 || fields.getUint32(0, true) !== END64) {
    throw damaged(file, 'its zip64 directory is not where it says')
  }
  const [count, size, start] = [32, 40, 48].map((offset) => Number(fields.getBigUint64(offset, true)))
  return { count, size, start }
}

/** The end record is followed by nothing but a comment. */
async function endRecord(file: InputFile): Promise<{ record: DataView; at: number }> {
  const first = Math.max(0, file.size - END_SIZE - 0xffff)
  const tail = await file.slice(first, file.size)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  for (let at = tail.length - END_SIZE; at >= 0; at--) {
    if (view.getUint32(at, true) === END && at + END_SIZE + view.getUint16(at + 20, true) === tail.length) {
      return { record: new DataView(tail.buffer, tail.byteOffset + at, END_SIZE), at: first + at }
    }
  }
  throw damaged(file, 'a directory at its end, got none')
}

function damaged(file: InputFile, rule: string): BasinError {
  return new BasinError('data-damaged', `${file.path}: ${rule}`, 'Get the archive again; it is damaged.')
}
