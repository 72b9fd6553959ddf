/**
 * What a person handed in as one list of files, whatever they are packed in: folders, .tar, .tar.gz, .zip, .gz, and
 * tars within tars (ImageNet). Recognised by content, never by name. Nothing is written under a name that comes from
 * an archive; a name that leads out of its archive is passed over all the same.
 */

import { inflate, peek, streamOf } from '../../formats/byteStream'
import { isGzip, isTar, tarEntries, unreadable } from '../../formats/tar'
import { isZip, zipEntries } from '../../formats/zip'
import type { InputFile } from '../../ports'

/** A file, unpacked. */
export interface Entry {
  /** Relative, with slashes, no `.` or `..`. */
  path: string
  /** Unpacked bytes where that is known before they are read. */
  size: number | undefined
  /** Its first bytes; absent where the name says what it is and looking would cost a read. */
  head: Uint8Array | undefined
  /** Once, before the next entry is asked for. */
  open(): ReadableStream<Uint8Array>
}

export interface WalkOptions {
  /** Bytes of the files handed in that have been read. */
  onBytes?(count: number): void
  onSkip?(path: string, reason: string): void
  signal?: AbortSignal
}

const HEAD = 512
const IMAGE_NAME = /\.(jpe?g|png|webp|gif|bmp)$/i
/** Lists of a data set's files are known by their names too. */
const LIST_NAME = /\.txt$/i
const JUNK = /(^|\/)(__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i
/** Archives within archives. */
const MAX_DEPTH = 2
/** Bytes that a file in a zip archive may have; it is unpacked in one piece. */
const ZIP_FILE_LIMIT = 2 ** 30

/** @throws BasinError naming the archive that is damaged; what `signal` says */
export async function* walk(inputs: readonly InputFile[], options: WalkOptions = {}): AsyncGenerator<Entry> {
  const seen = new Set<string>()
  for (const input of inputs) {
    options.signal?.throwIfAborted()
    if (inputs.length > 1 && IMAGE_NAME.test(input.path)) {
      yield* accept(imageFile(input, options), seen, options)
      continue
    }
    const head = await input.slice(0, HEAD)
    if (isZip(head)) yield* fromZip(input, seen, options)
    else yield* unpack(input.path, counted(input.stream(), options), input.size, 0, seen, options)
  }
}

function imageFile(input: InputFile, options: WalkOptions): Entry {
  const { path, size } = input
  return { path, size, head: undefined, open: () => counted(input.stream(), options) }
}

async function* fromZip(input: InputFile, seen: Set<string>, options: WalkOptions): AsyncGenerator<Entry> {
  const entries = await zipEntries(input)
  const share = input.size / Math.max(1, entries.length)
  for (const { name, size, read } of entries) {
    options.signal?.throwIfAborted()
    options.onBytes?.(share)
    if (IMAGE_NAME.test(name) || LIST_NAME.test(name)) {
      const open = () => lazily(() => read(ZIP_FILE_LIMIT))
      yield* accept({ path: name, size, head: undefined, open }, seen, options)
    } else if (usable(name, options)) {
      yield* unpack(name, streamOf(await read(ZIP_FILE_LIMIT)), size, 1, seen, options)
    }
  }
}

/** One file's stream: an archive is gone into, anything else handed on. */
async function* unpack(
  path: string,
  packed: ReadableStream<Uint8Array>,
  size: number | undefined,
  depth: number,
  seen: Set<string>,
  options: WalkOptions,
): AsyncGenerator<Entry> {
  let { head, stream } = await peek(packed, HEAD)
  let name = path
  if (isGzip(head)) {
    ;({ head, stream } = await peek(inflate(stream, 'gzip', path), HEAD))
    name = path.replace(/\.t?gz$/i, '')
    size = undefined
  }
  if (!isTar(head) || depth > MAX_DEPTH) {
    yield* accept({ path: name, size, head, open: () => stream }, seen, options)
    // Its archive goes on only when it has been let go.
    if (!stream.locked) await stream.cancel()
    return
  }
  // A tar in a tar is a folder of its name, as it is once unpacked.
  const folder = depth > 0 ? `${name.replace(/\.tar$/i, '')}/` : ''
  for await (const { name: member, size: bytes, entry } of tarEntries(stream, path)) {
    options.signal?.throwIfAborted()
    const inner = folder + member
    if (IMAGE_NAME.test(member)) {
      const open = () => named(entry.body, path)
      yield* accept({ path: inner, size: bytes, head: undefined, open }, seen, options)
    } else if (usable(inner, options)) {
      yield* unpack(inner, named(entry.body, path), bytes, depth + 1, seen, options)
    }
  }
}

function* accept(entry: Entry, seen: Set<string>, options: WalkOptions): Generator<Entry> {
  if (!usable(entry.path, options)) return
  const path = cleanPath(entry.path) as string
  if (seen.has(path)) {
    options.onSkip?.(path, 'a second file of the same name')
    return
  }
  seen.add(path)
  yield { ...entry, path }
}

function usable(path: string, { onSkip }: WalkOptions): boolean {
  if (JUNK.test(path)) return false
  if (cleanPath(path) !== undefined) return true
  onSkip?.(path, 'its name leads out of the archive')
  return false
}

/** The path without `./`; undefined when it is absolute, climbs, or is no name at all. */
export function cleanPath(path: string): string | undefined {
  const parts = path.replaceAll('\\', '/').split('/')
  if (parts[0] === '' || path.includes('\0')) return undefined
  const kept = parts.filter((part) => part !== '' && part !== '.')
  if (/^[A-Za-z]:$/.test(kept[0] ?? '')) return undefined
  return kept.length === 0 || kept.includes('..') ? undefined : kept.join('/')
}

function counted(stream: ReadableStream<Uint8Array>, { onBytes, signal }: WalkOptions) {
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        signal?.throwIfAborted()
        onBytes?.(piece.length)
        controller.enqueue(piece)
      },
    }),
  )
}

/** A member's bytes; what its archive's decoder says of them becomes an error of ours. */
function named(body: ReadableStream<Uint8Array>, archive: string): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read().catch((error) => unreadable(archive, error))
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => reader.cancel().catch((error) => unreadable(archive, error)),
    },
    { highWaterMark: 0 },
  )
}

/** A stream whose bytes are only fetched when it is read. */
function lazily(read: () => Promise<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        controller.enqueue(await read())
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}
