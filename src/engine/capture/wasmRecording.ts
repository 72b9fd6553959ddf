/**
 * One function at one signature, in WebAssembly: its commands written down once and run by one call each time, with the
 * inputs read where they lie and the results written where they stay.
 */
import * as tf from '../tf'
import { releaseData, tensorAround } from '../tf/backendParts'
import { Listing, NoValuesYet } from '../wasm/listing'
import { blocksOf, Program } from '../wasm/program'
import type { WasmBackend } from '../wasm/wasmBackend'
import { neededCommands } from './needed'
import { type Leaf, leavesOf, withLeaves } from './tree'

interface InputSlot {
  /** Undefined for one that no command reads. */
  block?: number
  /** Its integers are copied for the time of a run. */
  isWords: boolean
}

interface OutputSlot {
  shape: number[]
  dtype: tf.DataType
  /** Where its values come from: a command, an input, another output, or nothing that changes. */
  from: { block: number } | { input: number } | { output: number } | { constant: tf.Tensor }
}

export class WasmRecording<O> {
  readonly #program: Program
  readonly #inputs: InputSlot[]
  readonly #outputs: OutputSlot[]
  readonly #outputTree: O
  readonly #constants: readonly object[]

  private constructor(
    private readonly backend: WasmBackend,
    listing: Listing,
    made: { inputs: InputSlot[]; outputs: OutputSlot[]; output: O },
  ) {
    this.#inputs = made.inputs
    this.#outputs = made.outputs
    this.#outputTree = made.output
    this.#constants = [...listing.constants]
    const results = made.outputs.flatMap(({ from }) => ('block' in from ? [from.block] : []))
    const given = made.inputs.flatMap(({ block }) => (block === undefined ? [] : [block]))
    const outside = new Set([...results, ...given])
    const uses = listing.commands.map(({ params }) => blocksOf(params))
    const isNeeded = neededCommands(uses, (block) => !given.includes(block), results)
    const commands = listing.commands.filter((_, i) => isNeeded[i])
    this.#program = new Program(backend.machine, commands, listing.bytes, outside)
  }

  /** Computes nothing. @returns undefined where the function has something computed that is no kernel of ours */
  static of<O>(backend: WasmBackend, fn: (input: never) => O, input: unknown): WasmRecording<O> | undefined {
    const listing = new Listing()
    backend.machine.listing = listing
    let made: ReturnType<typeof list<O>>
    try {
      made = list(backend, fn, input)
    } catch (error) {
      for (const dataId of listing.constants) releaseData(backend, dataId)
      if (error instanceof NoValuesYet) return undefined
      throw error
    } finally {
      backend.machine.listing = undefined
    }
    return new WasmRecording(backend, listing, made)
  }

  get bytes(): number {
    return this.#program.bytes
  }

  get dispatches(): number {
    return this.#program.commands.length
  }

  /**
   * Computes the function at these values.
   * @param leaves of the signature that was recorded
   * @returns new tensors, the caller's
   */
  replay(leaves: readonly Leaf[]): O {
    const { backend } = this
    const places = new Map<number, number>()
    const words: number[] = []
    this.#inputs.forEach(({ block, isWords }, i) => {
      if (block === undefined) return
      const { tensor } = leaves[i]
      const at = isWords ? backend.wordsOf(tensor) : backend.addressOf(tensor)
      if (isWords) words.push(at)
      places.set(block, at)
    })
    const outputs: tf.Tensor[] = []
    for (const { shape, dtype, from } of this.#outputs) {
      if ('block' in from) {
        const { info, address } = backend.output(shape)
        places.set(from.block, address)
        outputs.push(tensorAround(backend, info.dataId, shape, dtype))
      } else {
        const same =
          'input' in from
            ? leaves[from.input].tensor
            : 'output' in from
              ? outputs[from.output]
              : from.constant
        outputs.push(tf.reshape(same, shape))
      }
    }
    this.#program.run(places)
    for (const at of words) backend.machine.give(at)
    return withLeaves(this.#outputTree, outputs)
  }

  dispose(): void {
    this.#program.dispose()
    for (const { from } of this.#outputs) if ('constant' in from) from.constant.dispose()
    for (const dataId of this.#constants) releaseData(this.backend, dataId)
  }
}

/** Runs the function with its commands written down. */
function list<O>(backend: WasmBackend, fn: (input: never) => O, input: unknown) {
  const leaves = leavesOf(input)
  const stand = leaves.map(({ tensor: { size, shape, dtype } }) => {
    if (size === 0) return tf.keep(tf.zeros(shape, dtype))
    return tf.keep(tensorAround(backend, backend.standIn(shape, dtype).dataId, shape, dtype))
  })
  const blockOf = (tensor: tf.Tensor) => backend.blockOf(tensor)
  try {
    const output = tf.tidy(() => {
      const made = fn(withLeaves(input, stand) as never)
      for (const { tensor } of leavesOf(made)) tf.keep(tensor)
      return made as tf.TensorContainer
    }) as O
    const results = leavesOf(output).map(({ tensor }) => tensor)
    const given = stand.map(blockOf)
    const blocks = results.map(blockOf)
    const outputs = results.map(({ shape, dtype }, i): OutputSlot => {
      const block = blocks[i]
      if (block === undefined) return { shape, dtype, from: { constant: tf.keep(tf.clone(results[i])) } }
      const [of, before] = [given.indexOf(block), blocks.indexOf(block)]
      return { shape, dtype, from: of >= 0 ? { input: of } : before < i ? { output: before } : { block } }
    })
    const inputs = stand.map((tensor, i): InputSlot => {
      const takenFor = backend.takenFor(tensor)
      return { block: takenFor && given[i], isWords: takenFor === 'words' }
    })
    tf.dispose(results)
    return { inputs, outputs, output }
  } finally {
    tf.dispose(stand)
  }
}
