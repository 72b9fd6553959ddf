/**
 * Runs a function once with tfjs' WebGPU backend writing down what it would have done: dispatches and copies go into
 * a list instead of a command buffer, buffers come from an arena, nothing is submitted and nothing can be read.
 */
import { BasinError } from '../../base/errors'
import type { BackendParts, EncoderLike, PassLike, Program } from '../tf/backendParts'
import { intercept } from '../tf/intercept'
import { Arena } from './arena'
import type { Command, Copy, Dispatch } from './commands'

let recording = false

/** True while a captured function is being recorded: nothing can be read, and nothing is computed yet. */
export function isRecording(): boolean {
  return recording
}

export interface Recorded<T> {
  value: T
  commands: Command[]
  arena: Arena
  /** Data that existed before and that the recording reads in place; a reference to each is held. */
  constants: readonly object[]
}

/**
 * @param body runs with the backend recording; it frees every tensor it makes
 * @throws BasinError `internal` when the body reads from the device or leaves a tensor behind
 */
export function record<T>(parts: BackendParts, body: (arena: Arena) => T): Recorded<T> {
  const arena = new Arena(parts.device, parts.bufferManager)
  const listed: Unsettled[] = []
  let program: Program | undefined
  const interception = intercept(parts, {
    buffers: arena,
    encoder: listingEncoder(listed, () => program),
    onProgram(next) {
      program = next
    },
    readRefused,
  })
  recording = true
  let value: T
  try {
    value = body(arena)
    if (arena.heldCount > 0) {
      throw new BasinError(
        'internal',
        `capture: the function must free every tensor it makes, ${arena.heldCount} were left`,
        'Return tensors instead of keeping them.',
      )
    }
  } catch (error) {
    interception.abandon()
    arena.destroy()
    throw error
  } finally {
    recording = false
  }
  interception.end()
  const needed = arena.needed(listed.map(buffersOf))
  const asked = listed.filter((_, i) => needed[i])
  arena.settle(asked.map(buffersOf))
  const commands = asked.map((command) => settled(command, parts.device, arena))
  return { value, commands, arena, constants: interception.constants }
}

function readRefused(): BasinError {
  return new BasinError(
    'internal',
    'capture: nothing can be read from the device while a function is recorded',
    'Return the tensor and read it after the call.',
  )
}

/** A command on stand-ins; a dispatch's bind group is not made yet. */
type Unsettled = (Omit<Dispatch, 'bindGroup'> & { bindings: GPUBindGroupDescriptor }) | Copy

const isBuffer = (resource: GPUBindingResource): resource is GPUBufferBinding => 'buffer' in resource

function buffersOf(command: Unsettled): GPUBuffer[] {
  if (command.kind === 'copy') return [command.from, command.to]
  return [...command.bindings.entries].flatMap(({ resource }) =>
    isBuffer(resource) ? [resource.buffer] : [],
  )
}

/** The command on the buffers that its stand-ins were given. */
function settled(command: Unsettled, device: GPUDevice, arena: Arena): Command {
  if (command.kind === 'copy') {
    return { ...command, from: arena.bufferOf(command.from), to: arena.bufferOf(command.to) }
  }
  const { bindings, ...dispatch } = command
  const entries = [...bindings.entries].map(({ binding, resource }) => {
    if (!isBuffer(resource)) return { binding, resource }
    const { buffer, offset, size = buffer.size - (offset ?? 0) } = resource
    // Of a buffer that is larger than what it was taken for, no more than that.
    return { binding, resource: { buffer: arena.bufferOf(buffer), offset, size } }
  })
  return { ...dispatch, bindGroup: device.createBindGroup({ ...bindings, entries }) }
}

function listingEncoder(list: Unsettled[], program: () => Program | undefined): EncoderLike {
  return {
    beginComputePass() {
      let pipeline: GPUComputePipeline
      let bindings: GPUBindGroupDescriptor
      const pass = {
        setPipeline(next: GPUComputePipeline) {
          pipeline = next
        },
        setBindGroup(_index: number, next: GPUBindGroup) {
          bindings = next as unknown as GPUBindGroupDescriptor
        },
        dispatchWorkgroups(x: number, y = 1, z = 1) {
          const { shaderKey: label = '', outputShape: outShape = [] } = program() ?? {}
          list.push({ kind: 'dispatch', label, outShape, pipeline, bindings, workgroups: [x, y, z] })
        },
        end() {},
      }
      return pass as unknown as PassLike
    },
    copyBufferToBuffer(from, fromOffset, to, toOffset, size) {
      list.push({ kind: 'copy', from, fromOffset, to, toOffset, size })
    },
  }
}
