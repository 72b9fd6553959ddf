/** One function at one signature: recorded once, replayed with other values. */
import { refuseLost } from '../device/loss'
import * as tf from '../tf'
import {
  type BackendParts,
  type DataId,
  releaseData,
  storedType,
  TENSOR_USAGE,
  tensorAround,
  tensorOn,
} from '../tf/backendParts'
import type { Arena } from './arena'
import { type Command, encodeCommands } from './commands'
import { record } from './recorder'
import { type Leaf, leavesOf, withLeaves } from './tree'

interface InputSlot {
  /** Undefined for a tensor without elements. */
  buffer?: GPUBuffer
  /** Whose values it holds. Tensors are immutable: the same data need not be copied again. */
  holds?: object
}

interface OutputSlot {
  shape: number[]
  dtype: tf.DataType
  /** See `storedType`. */
  stored: tf.DataType
  buffer?: GPUBuffer
  bytes: number
}

export class Recording<O> {
  readonly commands: readonly Command[]
  readonly #arena: Arena
  readonly #constants: readonly object[]
  readonly #inputs: InputSlot[]
  readonly #outputs: OutputSlot[]
  readonly #outputTree: O

  /** Records; nothing is computed yet. */
  constructor(
    private readonly parts: BackendParts,
    fn: (input: never) => O,
    input: unknown,
  ) {
    const leaves = leavesOf(input)
    const { value, commands, arena, constants } = record(parts, (storage) => {
      const inputs = leaves.map(({ tensor }): InputSlot => {
        return tensor.size === 0 ? {} : { buffer: storage.ownBuffer(bytesOf(tensor), TENSOR_USAGE()) }
      })
      const stand = leaves.map(({ tensor }, i) => {
        const { shape, dtype } = tensor
        const { buffer } = inputs[i]
        const stored = storedType(parts, tensor)
        return tf.keep(buffer ? tensorOn(parts, buffer, shape, dtype, stored) : tf.zeros(shape, dtype))
      })
      try {
        const output = tf.tidy(() => {
          const made = fn(withLeaves(input, stand) as never)
          for (const { tensor } of leavesOf(made)) tf.keep(tensor)
          return made as tf.TensorContainer
        }) as O
        const made = leavesOf(output).map(({ tensor }) => tensor)
        const outputs = made.map((tensor) => outputSlot(parts, storage, tensor))
        tf.dispose(made)
        return { inputs, outputs, output }
      } finally {
        tf.dispose(stand)
      }
    })
    this.commands = commands
    this.#arena = arena
    this.#constants = constants
    this.#inputs = value.inputs
    this.#outputs = value.outputs.map((slot) => ({
      ...slot,
      buffer: slot.buffer && arena.bufferOf(slot.buffer),
    }))
    this.#outputTree = value.output
  }

  /** Bytes of all buffers that a replay touches. */
  get bytes(): number {
    return this.#arena.bytes
  }

  get dispatches(): number {
    return this.commands.filter(({ kind }) => kind === 'dispatch').length
  }

  /**
   * Computes the function at these values; queued and submitted, not awaited.
   * @param leaves of the signature that was recorded
   * @returns new tensors, the caller's
   */
  replay(leaves: readonly Leaf[]): O {
    const { parts } = this
    refuseLost(parts.device)
    parts.ensureCommandEncoderReady()
    parts.endComputePassEncoder()
    leaves.forEach(({ tensor }, i) => {
      this.#fill(this.#inputs[i], tensor)
    })
    encodeCommands(parts.commandEncoder!, this.commands)
    const outputs = this.#outputs.map((slot) => this.#copyOut(slot))
    parts.submitQueue()
    return withLeaves(this.#outputTree, outputs)
  }

  dispose(): void {
    this.#arena.destroy()
    for (const dataId of this.#constants) releaseData(this.parts, dataId)
  }

  #fill(slot: InputSlot, tensor: tf.Tensor): void {
    const { parts } = this
    if (!slot.buffer || slot.holds === tensor.dataId) return
    slot.holds = tensor.dataId
    const { values, resource, dtype } = parts.tensorMap.get(tensor.dataId)
    if (resource) {
      parts.commandQueueOwnedIds.add(tensor.dataId)
      parts.commandEncoder!.copyBufferToBuffer(resource as GPUBuffer, 0, slot.buffer, 0, slot.buffer.size)
    } else {
      // Written before the commands encoded here: earlier replays were submitted, so none of theirs is overtaken.
      const isInteger = dtype === 'int32' || dtype === 'bool'
      const numbers = values as ArrayLike<number>
      const fits = isInteger ? numbers instanceof Int32Array : numbers instanceof Float32Array
      const array = fits ? numbers : isInteger ? Int32Array.from(numbers) : Float32Array.from(numbers)
      parts.queue.writeBuffer(slot.buffer, 0, array as Float32Array<ArrayBuffer>)
    }
  }

  #copyOut({ shape, dtype, stored, buffer, bytes }: OutputSlot): tf.Tensor {
    const { parts } = this
    if (!buffer) return tf.zeros(shape, dtype)
    const dataId = parts.write(null, shape, stored)
    parts.uploadToGPU(dataId)
    const target = parts.tensorMap.get(dataId).resource as GPUBuffer
    parts.commandEncoder!.copyBufferToBuffer(buffer, 0, target, 0, bytes)
    return tensorAround(parts, dataId as DataId, shape, dtype)
  }
}

function outputSlot(parts: BackendParts, arena: Arena, tensor: tf.Tensor): OutputSlot {
  const { shape, dtype, dataId } = tensor
  const stored = storedType(parts, tensor)
  if (tensor.size === 0) return { shape, dtype, stored, bytes: 0 }
  parts.uploadToGPU(dataId)
  const buffer = parts.tensorMap.get(dataId).resource as GPUBuffer
  arena.keep(buffer)
  return { shape, dtype, stored, buffer, bytes: bytesOf(tensor) }
}

/** Every dtype that a kernel computes with takes four bytes on the device. */
const bytesOf = ({ size }: tf.Tensor) => size * 4
