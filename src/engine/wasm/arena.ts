/**
 * One memory for all tensors, handed out in blocks. What is freed serves the next of its size, so that a step that is
 * like the one before takes nothing new; where no block of the size is free, neighbours are joined and cut anew, and
 * only then the memory grows.
 */
import { BasinError } from '../../base/errors'

const PAGE = 65536
/** Blocks begin and end on cache lines. */
const LINE = 64

export interface ArenaUse {
  /** Handed out at the moment. */
  blocks: number
  bytes: number
  /** The most that was handed out at a time. */
  peak: number
  /** Of the memory, ever touched: it never shrinks. */
  reached: number
}

export class Arena {
  /** Views over the whole memory; made anew when it grows. */
  i32!: Int32Array
  u8!: Uint8Array
  f32!: Float32Array
  /** Raised when a view has to be made anew. */
  generation = 0
  readonly #sizes = new Map<number, number>()
  readonly #free = new Map<number, number[]>()
  #end: number
  #bytes = 0
  #peak = 0

  /** @param begin what lies before belongs to others */
  constructor(
    readonly memory: WebAssembly.Memory,
    begin: number,
    private readonly mostBytes: number,
  ) {
    this.#end = roundUp(begin, LINE)
    this.#look()
  }

  get use(): ArenaUse {
    return { blocks: this.#sizes.size, bytes: this.#bytes, peak: this.#peak, reached: this.#end }
  }

  /**
   * The address of a new block; its bytes are whatever they were.
   * @throws BasinError `device` where the memory ends
   */
  take(bytes: number): number {
    const size = Math.max(LINE, roundUp(bytes, LINE))
    const at = this.#free.get(size)?.pop() ?? this.#cut(size) ?? this.#extend(size)
    this.#sizes.set(at, size)
    this.#bytes += size
    this.#peak = Math.max(this.#peak, this.#bytes)
    return at
  }

  give(at: number): void {
    const size = this.#sizes.get(at)
    if (size === undefined) throw new BasinError('internal', `arena: no block begins at ${at}`)
    this.#sizes.delete(at)
    this.#bytes -= size
    this.#put(at, size)
  }

  #put(at: number, size: number): void {
    const list = this.#free.get(size)
    if (list) list.push(at)
    else this.#free.set(size, [at])
  }

  /** From the smallest free block that is large enough, after neighbours are joined. */
  #cut(size: number): number | undefined {
    const free = this.#joined()
    this.#free.clear()
    let best = -1
    for (let i = 0; i < free.length; i++) {
      if (free[i].size >= size && (best < 0 || free[i].size < free[best].size)) best = i
    }
    for (let i = 0; i < free.length; i++) {
      const { at, size: there } = free[i]
      if (i !== best) this.#put(at, there)
      else if (there > size) this.#put(at + size, there - size)
    }
    return best < 0 ? undefined : free[best].at
  }

  #joined(): { at: number; size: number }[] {
    const free = [...this.#free].flatMap(([size, places]) => places.map((at) => ({ at, size })))
    free.sort((a, b) => a.at - b.at)
    const joined: { at: number; size: number }[] = []
    for (const block of free) {
      const before = joined.at(-1)
      if (before && before.at + before.size === block.at) before.size += block.size
      else joined.push(block)
    }
    const last = joined.at(-1)
    // What is free at the end need not be kept as a block.
    if (last && last.at + last.size === this.#end) {
      this.#end = last.at
      joined.pop()
    }
    return joined
  }

  #extend(size: number): number {
    const at = this.#end
    const end = at + size
    if (end > this.mostBytes) throw tooLarge(end, this.mostBytes)
    const missing = end - this.memory.buffer.byteLength
    if (missing > 0) {
      // By an eighth at least: growing costs the same for much and for little.
      const wanted = Math.max(missing, Math.min(this.memory.buffer.byteLength / 8, this.mostBytes - end))
      try {
        this.memory.grow(Math.ceil(wanted / PAGE))
      } catch {
        throw tooLarge(end, this.memory.buffer.byteLength)
      }
      this.#look()
    }
    this.#end = end
    return at
  }

  #look(): void {
    const { buffer } = this.memory
    this.i32 = new Int32Array(buffer)
    this.u8 = new Uint8Array(buffer)
    this.f32 = new Float32Array(buffer)
    this.generation++
  }
}

const roundUp = (bytes: number, step: number) => Math.ceil(bytes / step) * step

function tooLarge(wanted: number, most: number): BasinError {
  const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
  return new BasinError(
    'device',
    `wasm: at most ${mib(most)} of memory can be had here, got ${mib(wanted)} to hold`,
    'Choose a smaller batch, smaller images or a smaller network, or train on a GPU.',
  )
}
