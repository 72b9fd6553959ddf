/**
 * Reads zip archives by their central directory, zip64 too, and checks every file's length and CRC, which fflate does
 * not do: a flipped bit in a weight must not pass. Writing needs no such care and is fflate's. (@zip.js/zip.js checks
 * as well, but adds 50 to 70 KiB, compressed, to each worker, and cannot read at once what is in memory.)
 * Source: PKWARE, APPNOTE.TXT 6.3.10, §4.3, §4.5.3 (no encryption, one disk, methods 0 and 8).
 */
import { inflateSync } from 'fflate'
import { BasinError } from '../../base/errors'
import type { InputFile } from '../ports'
import { crc32 } from './crc32'
import { checkGrowth, IMAGES, WEIGHTS } from './growth'
import { bytesOf } from './tensorData'

const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const END_SIZE = 22
const CENTRAL_SIZE = 46
const LOCAL_SIZE = 30
const END64 = 0x06064b50
const END64_SIZE = 56
const LOCATOR64 = 0x07064b50
const LOCATOR64_SIZE = 20
const EXTRA64 = 1
const DIRECTORY_LIMIT = 256 * 2 ** 20
/** Deflate cannot do better, so a file that claims more is damaged and is not given the memory. */
const DEFLATE_LIMIT = 1032

export interface ZipEntry {
  name: string
  /** Unpacked bytes, by the directory. */
  size: number
  /**
   * @throws BasinError `data-damaged` when its bytes do not fit the directory, or there are more than `limit` or than
   * images can be packed to
   */
  read(limit: number): Promise<Uint8Array>
}

export const isZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5)

/** The files of an archive of any size, in its order. @throws BasinError `data-damaged` naming the archive */
export async function zipEntries(file: InputFile): Promise<ZipEntry[]> {
  const fail: Fail = (rule) =>
    new BasinError('data-damaged', `${file.path}: ${rule}`, 'Get the archive again; it is damaged.')
  const records = await inPieces(file, readDirectory(file.size, fail))
  return records
    .filter(({ name }) => !name.endsWith('/'))
    .map((record) => ({
      name: record.name,
      size: record.size,
      async read(limit) {
        checkGrowth(IMAGES, `${file.path}: ${record.name}`, record.packed, record.size)
        return inPieces(file, readFile(record, limit, fail))
      },
    }))
}

/** The files of an archive in memory, of weights. @throws BasinError `file-format` naming its damaged part */
export function unzip(archive: Uint8Array): Map<string, Uint8Array> {
  const bytes = bytesOf(archive)
  const fail: Fail = (rule) =>
    new BasinError('file-format', `zip: ${rule}`, 'Get the file again; it is damaged, or not a zip archive.')
  const records = atOnce(bytes, readDirectory(bytes.length, fail))
  const total = records.reduce((sum, { size }) => sum + size, 0)
  checkGrowth(WEIGHTS, 'zip', bytes.length, total)
  const files = new Map<string, Uint8Array>()
  for (const record of records) {
    if (files.has(record.name)) throw fail(`${record.name}: only once in the archive`)
    files.set(record.name, atOnce(bytes, readFile(record, total, fail)))
  }
  return files
}

type Fail = (rule: string) => BasinError

/** Asks for pieces of an archive, fewer bytes at its end, and is handed them: at once, or when a file has read them. */
type Reading<T> = Generator<[start: number, end: number], T, Uint8Array>

function atOnce<T>(bytes: Uint8Array, reading: Reading<T>): T {
  let step = reading.next()
  while (!step.done) step = reading.next(bytes.subarray(...step.value))
  return step.value
}

async function inPieces<T>(file: InputFile, reading: Reading<T>): Promise<T> {
  let step = reading.next()
  while (!step.done) {
    const [start, end] = step.value.map((at) => Math.min(file.size, at))
    step = reading.next(await file.slice(start, end))
  }
  return step.value
}

/** A file, by the directory. */
interface Entry {
  name: string
  encrypted: boolean
  method: number
  crc: number
  packed: number
  /** Unpacked bytes. */
  size: number
  /** Where its local header is. */
  local: number
}

function* readDirectory(length: number, fail: Fail): Reading<Entry[]> {
  const { count, size, start } = yield* findDirectory(length, fail)
  if (start + size > length || size > DIRECTORY_LIMIT) throw fail('its directory lies beyond its end')
  const bytes = yield [start, start + size]
  const view = viewOf(bytes)
  const entries: Entry[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_SIZE > bytes.length || view.getUint32(at, true) !== CENTRAL) {
      throw fail(`a directory of ${count} files, got ${i}`)
    }
    const nameAt = at + CENTRAL_SIZE
    const extraAt = nameAt + view.getUint16(at + 28, true)
    const end = extraAt + view.getUint16(at + 30, true)
    if (end > bytes.length) throw fail('its directory ends within a file')
    const narrow = [at + 24, at + 20, at + 42].map((place) => view.getUint32(place, true))
    const [unpacked, packed, local] = wideNumbers(viewOf(bytes.subarray(extraAt, end)), narrow)
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(nameAt, extraAt)),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed,
      size: unpacked,
      local,
    })
    at = end + view.getUint16(at + 32, true)
  }
  checkDisjoint(entries, fail)
  return entries
}

/** Before anything is unpacked: entries that share bytes would multiply a small archive's size. */
function checkDisjoint(entries: readonly Entry[], fail: Fail): void {
  let end = 0
  for (const { name, local, packed } of [...entries].sort((a, b) => a.local - b.local)) {
    if (local < end) throw fail(`${name}: shares bytes with the file before it`)
    end = local + LOCAL_SIZE + packed
  }
}

function* readFile(entry: Entry, limit: number, failure: Fail): Reading<Uint8Array> {
  const { name, encrypted, method, crc, packed, size, local } = entry
  const fail: Fail = (rule) => failure(`${name}: ${rule}`)
  if (encrypted) throw fail('not encrypted')
  if (method !== 0 && method !== 8) throw fail(`packed by method 0 or 8, got ${method}`)
  if (size > limit) throw fail(`at most ${limit} bytes, got ${size}`)
  if (size > packed * DEFLATE_LIMIT || (method === 0 && size !== packed)) {
    throw fail('more bytes than can be packed so small')
  }
  const head = viewOf(yield [local, local + LOCAL_SIZE])
  if (head.byteLength < LOCAL_SIZE || head.getUint32(0, true) !== LOCAL) {
    throw fail('not where the directory says')
  }
  const start = local + LOCAL_SIZE + head.getUint16(26, true) + head.getUint16(28, true)
  const bytes = yield [start, start + packed]
  if (bytes.length < packed) throw fail('the archive ends within it')
  const unpacked = method === 0 ? bytes : inflated(bytes, size, fail)
  if (unpacked.length !== size) throw fail(`${size} bytes, got ${unpacked.length}`)
  if (crc32(unpacked) !== crc) throw fail('its bytes do not match their checksum')
  return unpacked
}

function inflated(bytes: Uint8Array, size: number, fail: Fail): Uint8Array {
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

interface Directory {
  count: number
  size: number
  start: number
}

function* findDirectory(length: number, fail: Fail): Reading<Directory> {
  const first = Math.max(0, length - END_SIZE - 0xffff)
  const tail = yield [first, length]
  const view = viewOf(tail)
  // The end record is followed by nothing but a comment.
  let at = tail.length - END_SIZE
  const isEnd = () =>
    view.getUint32(at, true) === END && at + END_SIZE + view.getUint16(at + 20, true) === tail.length
  while (at >= 0 && !isEnd()) at--
  if (at < 0) throw fail('a directory at its end, got none')
  const locator = viewOf(yield [Math.max(0, first + at - LOCATOR64_SIZE), first + at])
  if (locator.byteLength < LOCATOR64_SIZE || locator.getUint32(0, true) !== LOCATOR64) {
    return {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      start: view.getUint32(at + 16, true),
    }
  }
  const place = Number(locator.getBigUint64(8, true))
  const wide = viewOf(yield [place, place + END64_SIZE])
  if (wide.byteLength < END64_SIZE || wide.getUint32(0, true) !== END64) {
    throw fail('its zip64 directory is not where it says')
  }
  const [count, size, start] = [32, 40, 48].map((offset) => Number(wide.getBigUint64(offset, true)))
  return { count, size, start }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
