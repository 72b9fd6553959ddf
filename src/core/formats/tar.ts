/**
 * Reads .tar and .tar.gz as a stream: an archive is never unpacked whole, a member that is not wanted is never held.
 * Headers, checksums and long names are modern-tar's, gzip is the platform's. The files it hands out whole are weights.
 */
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { BasinError } from '../../base/errors'
import { inflate } from './byteStream'
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
/** A member's size is only a claim; memory is given as its bytes arrive. */
const FIRST_BYTES = 2 ** 20

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
  archive: Uint8Array | Blob | ReadableStream<Uint8Array>,
  options: TarOptions,
): AsyncGenerator<TarFile> {
  const { wanted = () => true, filename } = options
  try {
    const stream = await unpacked(toStream(archive), filename)
    for await (const { name, size, entry } of tarEntries(stream, filename)) {
      if (wanted(name, size)) yield { name, bytes: await collect(entry) }
    }
  } catch (error) {
    if (error instanceof BasinError) throw error
    throw unreadable(filename, error)
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
      const { done, value: entry } = await entries.read().catch((error) => {
        throw error instanceof BasinError ? error : unreadable(filename, error)
      })
      if (done) return
      const { name, size, type } = entry.header
      if (type === 'file') yield { name, size, entry }
      if (!entry.body.locked) {
        await entry.body.cancel().catch((error) => {
          throw error instanceof BasinError ? error : unreadable(filename, error)
        })
      }
    }
  } finally {
    await entries.cancel().catch(() => {})
  }
}

function toStream(archive: Uint8Array | Blob | ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  if (archive instanceof ReadableStream) return archive
  if (archive instanceof Blob) return archive.stream()
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at >= archive.length) return controller.close()
      controller.enqueue(archive.subarray(at, at + FIRST_BYTES))
      at += FIRST_BYTES
    },
  })
}

/** The stream as it is, or through gunzip. */
async function unpacked(
  stream: ReadableStream<Uint8Array>,
  name: string,
): Promise<ReadableStream<Uint8Array>> {
  const reader = stream.getReader()
  let head: Uint8Array = new Uint8Array()
  let ended = false
  while (head.length < GZIP.length && !ended) {
    const { done, value } = await reader.read()
    ended = done
    if (value) head = head.length === 0 ? value : Uint8Array.from([...head, ...value])
  }
  const whole = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(head)
    },
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  return isGzip(head) ? inflate(whole, 'gzip', name, WEIGHTS) : whole
}

async function collect({ header, body }: ParsedTarEntry): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(Math.min(header.size, FIRST_BYTES))
  let length = 0
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    if (length + value.length > bytes.length) {
      const grown = new Uint8Array(Math.min(header.size, Math.max(2 * bytes.length, length + value.length)))
      grown.set(bytes.subarray(0, length))
      bytes = grown
    }
    bytes.set(value, length)
    length += value.length
  }
  return bytes.subarray(0, length)
}

function unreadable(filename: string, error: unknown): BasinError {
  return damaged(filename, `a whole archive, got one that cannot be read (${(error as Error).message})`)
}

function damaged(filename: string, rule: string): BasinError {
  return new BasinError(
    'file-format',
    `${filename}: ${rule}`,
    'Get the file again; it is damaged, or not a tar archive.',
  )
}
