/**
 * Commands that are written down instead of run, on blocks of memory that have no place yet: what a recording of a
 * function is made of. A block's address lies beyond any real one; whatever is added to it is an offset into the block.
 */
import { BasinError } from '../../base/errors'
import type { KernelName } from './kernelNames'

export interface Command {
  kernel: KernelName
  /** 32-bit words, or addresses in blocks. */
  params: readonly number[]
  units: number
  work: number
  inPlace?: InPlace
}

/** Addresses, or blocks: what a command makes may lie where something lies that it reads, value on value. */
export interface InPlace {
  reads: readonly number[]
  makes: number
}

const SPAN = 2 ** 33

/** Where a block begins. @param block from 0 */
const addressOfBlock = (block: number) => (block + 1) * SPAN

/** The block that a word points into; −1 for one that is a number, or a real address. */
export const blockOf = (word: number): number => Math.floor(word / SPAN) - 1

export const offsetIn = (word: number): number => word % SPAN

export class Listing {
  readonly commands: Command[] = []
  /** Of every block. */
  readonly bytes: number[] = []
  /** Tensors that exist besides, which commands read where they lie. */
  readonly constants = new Set<object>()

  take(bytes: number): number {
    this.bytes.push(bytes)
    return addressOfBlock(this.bytes.length - 1)
  }
}

/** What is listed has no values yet. */
export class NoValuesYet extends BasinError {
  constructor() {
    super('internal', 'wasm: nothing can be read while commands are listed')
  }
}
