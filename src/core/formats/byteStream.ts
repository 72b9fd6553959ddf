/** Reading byte streams in the pieces a format asks for, with limits that a hostile file cannot get around. */
import { concat } from '../../base/concat'
import { BasinError } from '../../base/errors'
import { checkGrowth, type Growth, IMAGES } from './growth'

/** Hands out exact counts of bytes of a stream. */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  #rest: Uint8Array = new Uint8Array()
  #ended = false

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader()
  }

  /** `count` bytes; fewer at the stream's end, none after it. */
  async read(count: number): Promise<Uint8Array> {
    if (this.#rest.length >= count) return this.#take(count)
    const pieces = [this.#take(this.#rest.length)]
    let length = pieces[0].length
    while (length < count && (await this.#fill())) {
      const piece = this.#take(count - length)
      pieces.push(piece)
      length += piece.length
    }
    return pieces.length === 1 ? pieces[0] : concat(pieces)
  }

  /** The next bytes, as they come, at most `count`; undefined at the end. */
  async some(count: number): Promise<Uint8Array | undefined> {
    if (this.#rest.length === 0 && !(await this.#fill())) return undefined
    return this.#take(count)
  }

  /** @returns how many bytes there were to pass over */
  async skip(count: number): Promise<number> {
    let left = count
    while (left > 0) {
      const piece = await this.some(left)
      if (!piece) break
      left -= piece.length
    }
    return count - left
  }

  /** The next `count` bytes, fewer at the stream's end; they stay to be read. */
  async peek(count: number): Promise<Uint8Array> {
    const head = await this.read(count)
    this.#rest = concat([head, this.#rest])
    return head
  }

  cancel(): Promise<void> {
    return this.#reader.cancel().catch(() => {})
  }

  /** What is left, as a stream of its own. */
  rest(): ReadableStream<Uint8Array> {
    return new ReadableStream(
      {
        pull: async (controller) => {
          const piece = await this.some(Number.POSITIVE_INFINITY)
          if (piece) controller.enqueue(piece)
          else controller.close()
        },
        cancel: () => this.cancel(),
      },
      { highWaterMark: 0 },
    )
  }

  #take(count: number): Uint8Array {
    const piece = this.#rest.subarray(0, count)
    this.#rest = this.#rest.subarray(piece.length)
    return piece
  }

  async #fill(): Promise<boolean> {
    while (!this.#ended && this.#rest.length === 0) {
      const { done, value } = await this.#reader.read()
      if (done) this.#ended = true
      else this.#rest = value
    }
    return this.#rest.length > 0
  }
}

/** The first bytes of a stream, and the whole of it again. */
export async function peek(
  stream: ReadableStream<Uint8Array>,
  count: number,
): Promise<{ head: Uint8Array; stream: ReadableStream<Uint8Array> }> {
  const reader = new ByteReader(stream)
  return { head: await reader.peek(count), stream: reader.rest() }
}

/** @throws BasinError `data-damaged` when there are more than `limit` bytes */
export async function readAll(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new ByteReader(stream)
  const pieces: Uint8Array[] = []
  let length = 0
  for (;;) {
    const piece = await reader.some(Number.POSITIVE_INFINITY)
    if (!piece) return concat(pieces)
    pieces.push(piece)
    length += piece.length
    if (length > limit) {
      await reader.cancel()
      throw new BasinError('data-damaged', `${name}: at most ${limit} bytes, got more`)
    }
  }
}

/** A stream of bytes that are there already. */
export function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  const step = 2 ** 16
  let at = 0
  return new ReadableStream(
    {
      pull(controller) {
        if (at >= bytes.length) return controller.close()
        controller.enqueue(bytes.subarray(at, at + step))
        at += step
      },
    },
    { highWaterMark: 0 },
  )
}

/**
 * Unpacks gzip or zlib.
 * @returns the unpacked stream; reading it throws BasinError of `growth`'s code when the packed bytes are damaged, end
 * early, or grow beyond what is expected
 */
export function inflate(
  stream: ReadableStream<Uint8Array>,
  format: 'gzip' | 'deflate',
  name: string,
  growth: Growth = IMAGES,
): ReadableStream<Uint8Array> {
  let packed = 0
  let unpacked = 0
  const counted = stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        packed += piece.length
        controller.enqueue(piece)
      },
    }),
  )
  const reader = counted
    .pipeThrough(new DecompressionStream(format) as unknown as ReadableWritablePair<Uint8Array, Uint8Array>)
    .getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read().catch((error) => {
          if (error instanceof BasinError) throw error
          const what = `the packed bytes are damaged or end early (${(error as Error).message})`
          throw new BasinError(growth.code, `${name}: ${what}`, 'Download the file again.')
        })
        if (done) return controller.close()
        unpacked += value.length
        try {
          checkGrowth(growth, name, packed, unpacked)
        } catch (error) {
          await reader.cancel().catch(() => {})
          throw error
        }
        controller.enqueue(value)
      },
      cancel: () => reader.cancel().catch(() => {}),
    },
    { highWaterMark: 0 },
  )
}
