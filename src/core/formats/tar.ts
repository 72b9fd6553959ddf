/**
 * Reads .tar and .tar.gz as a stream: an archive is never unpacked whole, a member that is not wanted is never held.
 * Headers, checksums and long names are modern-tar's, gzip is the platform's. The files it hands out whole are weights.
 */
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { BasinError } from '../../base/errors'
import { inflate, peek, readAll } from './byteStream'
import { WEIGHTS } from './growth'

export interface TarFile {
  /** Path in the archive. */
  name: string
  bytes: Uint8Array<ArrayBuffer>
}

export interface TarOptions {
  /** Of the archive, for messages. */
  filename: string
  /** Which files to hand out; the others are skipped. Called with the path and the size in bytes. */
  wanted?(name: string, size: number): boolean
}

const GZIP = [0x1f, 0x8b]

/** Whether bytes begin as gzip. */
export const isGzip = (bytes: Uint8Array): boolean => GZIP.every((byte, i) => bytes[i] === byte)

/** Whether bytes begin with a tar header (POSIX or GNU). */
export const isTar = (bytes: Uint8Array): boolean =>
  bytes.length >= 512 && new TextDecoder().decode(bytes.subarray(257, 262)) === 'ustar'

/**
 * The wanted files, in the archive's order; stopping early ends the reading.
 * @param archive plain or gzipped, told apart by its first bytes
 * @throws BasinError `file-format` when the archive is damaged, ends early, or grows beyond weights
 */
export async function* tarFiles(
  archive: ReadableStream<Uint8Array>,
  options: TarOptions,
): AsyncGenerator<TarFile> {
  const { wanted = () => true, filename } = options
  try {
    const { head, stream } = await peek(archive, GZIP.length)
    const tar = isGzip(head) ? inflate(stream, 'gzip', filename, WEIGHTS) : stream
    for await (const { name, size, entry } of tarEntries(tar, filename)) {
      if (wanted(name, size)) yield { name, bytes: await readAll(entry.body, size, name) }
    }
  } catch (error) {
    unreadable(filename, error)
  }
}

export interface TarEntry {
  name: string
  /** Bytes by the header. */
  size: number
  /** Its body may be read until the next entry is asked for; what is left of it then is passed over. */
  entry: ParsedTarEntry
}

/**
 * The files of an unpacked archive one after the other, none of them held.
 * @throws BasinError `file-format` when the archive is damaged or ends early; a body's reader throws what the
 * decoder says
 */
export async function* tarEntries(
  archive: ReadableStream<Uint8Array>,
  filename: string,
): AsyncGenerator<TarEntry> {
  const entries = archive.pipeThrough(createTarDecoder({ strict: true })).getReader()
  try {
    for (;;) {
      const { done, value: entry } = await entries.read().catch((error) => unreadable(filename, error))
      if (done) return
      const { name, size, type } = entry.header
      if (type === 'file') yield { name, size, entry }
      if (!entry.body.locked) {
        await entry.body.cancel().catch((error) => unreadable(filename, error))
      }
    }
  } finally {
    await entries.cancel().catch(() => {})
  }
}

/** @throws BasinError what a decoder says of an archive, as an error of ours */
export function unreadable(filename: string, error: unknown): never {
  if (error instanceof BasinError) throw error
  throw new BasinError(
    'file-format',
    `${filename}: a whole archive, got one that cannot be read (${(error as Error).message})`,
    'Get the file again; it is damaged, or not a tar archive.',
  )
}
