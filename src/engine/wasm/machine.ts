/**
 * The kernels' module with its memory and its threads: what runs a command. Commands are written into the memory and
 * worked off by the caller's thread, together with others where there is work for them (assembly/index.ts).
 */
import { Arena } from './arena'
import { type KernelName, NUMBER_OF } from './kernelNames'
import { blockOf, type Command, type InPlace, type Listing } from './listing'
import type { ThreadData } from './serve'

export type Variant = 'relaxed SIMD' | 'SIMD'

/** Starts a thread that calls `serve` with this. @returns what ends it */
export type OpenThread = (data: ThreadData) => { terminate(): void }

interface Exports {
  execute(command: number): void
  lead(command: number, order: number, control: number, job: number): void
  sequence(list: number, count: number, order: number, control: number, job: number): number
}

/** The word that the threads watch, the number of orders given; and what they share of one, on lines of its own. */
const CONTROL = 1024
const JOB = CONTROL + 64
/** Where a command is written. */
const COMMAND = 2048
/** What lies before belongs to commands; one that moves pieces is the longest. Behind it are the module's constants. */
const COMMANDS_END = 49152
/** Of tensors. */
const FIRST = 65536
/** Words before the parameters: kernel, units, units that are taken at a time. */
export const HEADER = 3

/** Roughly the multiplications that repay another thread's help. */
const WORTH = 40_000

export class Machine {
  readonly arena: Arena
  readonly threads: number
  /** Of them, those that take part: all, unless somebody measures fewer. */
  mostThreads: number
  /** Is told of every command, once it is done. */
  onRun?: (run: { kernel: KernelName; ms: number; work: number }) => void
  /** While it is there, commands are written down in it and nothing is run. */
  listing?: Listing
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
      openThread!({ module, memory, thread: i + 1, control: CONTROL, job: JOB }),
    )
    this.threads = this.#helpers.length + 1
    this.mostThreads = this.threads
  }

  /**
   * Runs a kernel to its end.
   * @param params 32-bit words; floats by `bits`
   * @param units what the work is cut into; threads take equal shares of them, whoever comes first
   * @param work about how many multiplications or loads it is
   */
  run(kernel: KernelName, params: readonly number[], units: number, work: number, inPlace?: InPlace): void {
    if (this.listing) {
      this.listing.commands.push({ kernel, params, units, work, inPlace })
      return
    }
    const bytes = 4 * (HEADER + params.length)
    const at = bytes > COMMANDS_END - COMMAND ? this.arena.take(bytes) : COMMAND
    this.writeCommand(at / 4, kernel, units, params)
    const threads = this.threadsFor(units, work)
    this.arena.i32[at / 4 + HEADER - 1] = Math.ceil(units / threads)
    this.#runOne(at, threads > 1, { kernel, work })
    if (at !== COMMAND) this.arena.give(at)
  }

  /** @param list address of pairs of words: where a command is, and whether threads share it */
  runList(list: number, commands: readonly Command[]): void {
    if (!this.onRun) {
      this.#order = this.#exports.sequence(list, commands.length, this.#order, CONTROL, JOB)
      return
    }
    commands.forEach((command, i) => {
      const [at, isShared] = this.arena.i32.subarray(list / 4 + 2 * i, list / 4 + 2 * i + 2)
      this.#runOne(at, isShared !== 0, command)
    })
  }

  /** All of a command but how many units are taken at a time. @param word where, in words */
  writeCommand(word: number, kernel: KernelName, units: number, params: readonly number[]): void {
    const { i32 } = this.arena
    i32[word] = NUMBER_OF.get(kernel)!
    i32[word + 1] = units
    for (let i = 0; i < params.length; i++) i32[word + HEADER + i] = params[i]
  }

  /** How many threads a command is worth. */
  threadsFor(units: number, work: number): number {
    return Math.max(1, Math.min(this.mostThreads, units, Math.floor(work / this.worth)))
  }

  #runOne(at: number, isShared: boolean, { kernel, work }: Pick<Command, 'kernel' | 'work'>): void {
    const started = this.onRun ? performance.now() : 0
    if (isShared) this.#exports.lead(at, ++this.#order, CONTROL, JOB)
    else this.#exports.execute(at)
    this.onRun?.({ kernel, ms: performance.now() - started, work })
  }

  /** Memory for a tensor, or for what kernels hand to one another. */
  take(bytes: number): number {
    return (this.listing ?? this.arena).take(bytes)
  }

  give(at: number): void {
    if (blockOf(at) < 0) this.arena.give(at)
  }

  /** Of one thread's scratch times all of them; the caller gives it back. */
  scratch(bytesEach: number): { at: number; each: number } {
    const each = Math.ceil(bytesEach / 64) * 64
    return { at: this.take(each * this.threads), each }
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
