/**
 * The kernels' module with its memory and its threads: what runs a command. Commands are written into the memory and
 * worked off by the caller's thread, together with others where there is work for them (assembly/index.ts).
 */
import { Arena } from './arena'
import type { ThreadData } from './serve'

export type Variant = 'relaxed SIMD' | 'SIMD'

/** In the order of assembly/index.ts. */
const KERNELS = [
  'matMul',
  'packFilter',
  'packFilterTurned',
  'convForward',
  'convInput',
  'convFilter',
  'depthwiseForward',
  'depthwiseInput',
  'depthwiseFilter',
  'batchSums',
  'batchStatistics',
  'givenStatistics',
  'batchApply',
  'batchGradientSums',
  'batchGradientFinish',
  'batchGradientApply',
  'binary',
  'binaryFlat',
  'unary',
  'copyRows',
  'copyPieces',
  'fill',
  'sumRows',
  'squares',
  'clippedNorm',
  'pool',
  'maxPoolBack',
  'meanPoolBack',
  'shortcut',
  'crossEntropy',
  'errors',
  'evaluationSums',
  'flat',
  'decodeImages',
] as const
export type KernelName = (typeof KERNELS)[number]
const NUMBER_OF = new Map<string, number>(KERNELS.map((name, i) => [name, i]))

/** Starts a thread that calls `serve` with this. @returns what ends it */
export type OpenThread = (data: ThreadData) => { terminate(): void }

interface Exports {
  execute(list: number, count: number, thread: number, threads: number, meeting: number): void
}

/** Words that the threads watch: orders given, where the list is, commands in it, threads it is for; then the meeting. */
const CONTROL = 1024
const MEETING = CONTROL + 64
/** Where a command is written that runs at once. */
const LIST = 2048
/** What lies before belongs to commands; a list of pieces is the longest. */
const FIRST = 65536

/** Roughly the multiplications that repay another thread's help. */
const WORTH = 40_000

export class Machine {
  readonly arena: Arena
  readonly threads: number
  readonly #exports: Exports
  readonly #helpers: { terminate(): void }[]
  #order = 0

  constructor(
    readonly variant: Variant,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    mostBytes: number,
    threads: number,
    openThread?: OpenThread,
    private readonly worth = WORTH,
  ) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } })
    this.#exports = exports as unknown as Exports
    this.arena = new Arena(memory, FIRST, mostBytes)
    this.#helpers = Array.from({ length: openThread ? threads - 1 : 0 }, (_, i) =>
      openThread!({ module, memory, thread: i + 1, control: CONTROL, meeting: MEETING }),
    )
    this.threads = this.#helpers.length + 1
  }

  /**
   * Runs a kernel to its end.
   * @param params 32-bit words; floats by `bits`
   * @param units what the work is cut into
   * @param work about how many multiplications or loads it is
   */
  run(kernel: KernelName, params: readonly number[], units: number, work: number): void {
    const { i32 } = this.arena
    const helpers = Math.max(1, Math.min(this.threads, units, Math.floor(work / this.worth)))
    const at = 4 * (4 + params.length) > FIRST - LIST ? this.arena.take(4 * (4 + params.length)) : LIST
    const word = at / 4
    i32[word] = 16 + 4 * params.length
    i32[word + 1] = NUMBER_OF.get(kernel)!
    i32[word + 2] = units
    i32[word + 3] = helpers
    for (let i = 0; i < params.length; i++) i32[word + 4 + i] = params[i]
    this.#execute(at, 1, helpers)
    if (at !== LIST) this.arena.give(at)
  }

  #execute(list: number, count: number, threads: number): void {
    if (threads === 1) {
      this.#exports.execute(list, count, 0, 1, 0)
      return
    }
    const { i32 } = this.arena
    i32[CONTROL / 4 + 1] = list
    i32[CONTROL / 4 + 2] = count
    i32[CONTROL / 4 + 3] = this.threads
    Atomics.store(i32, CONTROL / 4, ++this.#order)
    Atomics.notify(i32, CONTROL / 4)
    this.#exports.execute(list, count, 0, this.threads, MEETING)
  }

  /** Of one thread's scratch times all of them; the caller gives it back. */
  scratch(bytesEach: number): { at: number; each: number } {
    const each = Math.ceil(bytesEach / 64) * 64
    return { at: this.arena.take(each * this.threads), each }
  }

  dispose(): void {
    for (const helper of this.#helpers) helper.terminate()
  }
}

const float = new Float32Array(1)
const word = new Int32Array(float.buffer)

/** A float's bits as the word that carries it. */
export function bits(value: number): number {
  float[0] = value
  return word[0]
}
