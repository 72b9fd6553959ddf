/**
 * A list of commands, written into the memory once and run by one call as often as wanted. What they hold between them
 * is laid out in one block, which is taken for the time of a run: nothing is held while it rests.
 */
import { layOut } from './layout'
import { blockOf, type Command, offsetIn } from './listing'
import { HEADER, type Machine } from './machine'

/** A word that holds an address. */
interface Use {
  word: number
  offset: number
}

export class Program {
  /** Of what commands hold between them. */
  readonly bytes: number
  readonly #at: number
  /** Where each command begins, in words. */
  readonly #begins: number[] = []
  readonly #words: number
  /** Of the block that is taken for a run. */
  readonly #inside: Use[] = []
  readonly #outside = new Map<number, Use[]>()
  readonly #written = new Map<number, number>()
  #base = 0
  #threads = 0

  /**
   * @param bytes of every block
   * @param outside blocks that are given a place at every run; the others are the program's
   */
  constructor(
    private readonly machine: Machine,
    readonly commands: readonly Command[],
    bytes: readonly number[],
    outside: ReadonlySet<number>,
  ) {
    const insideOf = (words: readonly number[]) => blocksOf(words).filter((block) => !outside.has(block))
    const inside = layOut(
      commands.map(({ params, inPlace }) => ({
        blocks: insideOf(params),
        inPlace: inPlace && { reads: insideOf(inPlace.reads), makes: blockOf(inPlace.makes) },
      })),
      bytes,
    )
    this.bytes = inside.bytes
    let next = 0
    for (const { params } of commands) {
      this.#begins.push(next)
      next += HEADER + params.length
    }
    this.#words = next
    this.#at = machine.arena.take(4 * (next + 2 * commands.length))
    const { i32 } = machine.arena
    commands.forEach(({ kernel, params, units }, i) => {
      const begin = this.#begins[i]
      machine.writeCommand(this.#at / 4 + begin, kernel, units, params)
      params.forEach((param, k) => {
        const block = blockOf(param)
        if (block < 0) return
        const word = begin + HEADER + k
        if (!outside.has(block)) {
          this.#inside.push({ word, offset: inside.offsets.get(block)! + offsetIn(param) })
        } else {
          const uses = this.#outside.get(block) ?? []
          uses.push({ word, offset: offsetIn(param) })
          this.#outside.set(block, uses)
        }
      })
      i32[this.#list / 4 + 2 * i] = this.#at + 4 * begin
    })
  }

  /** Where the list of commands begins. */
  get #list(): number {
    return this.#at + 4 * this.#words
  }

  /** @param places addresses of the blocks outside, those that a command names */
  run(places: ReadonlyMap<number, number>): void {
    const { machine } = this
    const { arena } = machine
    const base = this.bytes > 0 ? arena.take(this.bytes) : 0
    try {
      if (base !== this.#base) this.#write(this.#inside, base)
      this.#base = base
      for (const [block, uses] of this.#outside) {
        const at = places.get(block)!
        if (this.#written.get(block) === at) continue
        this.#written.set(block, at)
        this.#write(uses, at)
      }
      this.#share()
      machine.runList(this.#list, this.commands)
    } finally {
      if (base !== 0) arena.give(base)
    }
  }

  dispose(): void {
    this.machine.arena.give(this.#at)
  }

  #write(uses: readonly Use[], base: number): void {
    const { i32 } = this.machine.arena
    const first = this.#at / 4
    for (const { word, offset } of uses) i32[first + word] = base + offset
  }

  /** How many threads help with which command: again when others take part than before. */
  #share(): void {
    const { machine, commands } = this
    if (this.#threads === machine.mostThreads) return
    this.#threads = machine.mostThreads
    const { i32 } = machine.arena
    commands.forEach(({ units, work }, i) => {
      const threads = machine.threadsFor(units, work)
      i32[this.#at / 4 + this.#begins[i] + HEADER - 1] = Math.ceil(units / threads)
      i32[this.#list / 4 + 2 * i + 1] = threads > 1 ? 1 : 0
    })
  }
}

/** The blocks that a command names, each once. */
export const blocksOf = (params: readonly number[]): number[] => [
  ...new Set(params.map(blockOf).filter((block) => block >= 0)),
]
