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
  'products',
  'sumOfParts',
  'normals',
] as const
export type KernelName = (typeof KERNELS)[number]
const NUMBER_OF = new Map<string, number>(KERNELS.map((name, i) => [name, i]))

/** Starts a thread that calls `serve` with this. @returns what ends it */
export type OpenThread = (data: ThreadData) => { terminate(): void }

interface Exports {
  execute(command: number): void
  lead(command: number, order: number, control: number, job: number): void
}

/** The word that the threads watch, the number of orders given; and what they share of one, on lines of its own. */
const CONTROL = 1024
const JOB = CONTROL + 64
/** Where a command is written. */
const COMMAND = 2048
/** What lies before belongs to commands; one that moves pieces is the longest. */
const FIRST = 65536
/** Words before the parameters. */
const HEADER = 3

/** Roughly the multiplications that repay another thread's help. */
const WORTH = 40_000

export class Machine {
  readonly arena: Arena
  readonly threads: number
  /** Of them, those that take part: all, unless somebody measures fewer. */
  mostThreads: number
  /** Is told of every command, once it is done. */
  onRun?: (run: { kernel: KernelName; ms: number; work: number }) => void
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
  run(kernel: KernelName, params: readonly number[], units: number, work: number): void {
    const helpers = Math.max(1, Math.min(this.mostThreads, units, Math.floor(work / this.worth)))
    const bytes = 4 * (HEADER + params.length)
    const at = bytes > FIRST - COMMAND ? this.arena.take(bytes) : COMMAND
    const { i32 } = this.arena
    const word = at / 4
    i32[word] = NUMBER_OF.get(kernel)!
    i32[word + 1] = units
    i32[word + 2] = Math.ceil(units / helpers)
    for (let i = 0; i < params.length; i++) i32[word + HEADER + i] = params[i]
    const started = this.onRun ? performance.now() : 0
    if (helpers === 1) this.#exports.execute(at)
    else this.#exports.lead(at, ++this.#order, CONTROL, JOB)
    this.onRun?.({ kernel, ms: performance.now() - started, work })
    if (at !== COMMAND) this.arena.give(at)
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
