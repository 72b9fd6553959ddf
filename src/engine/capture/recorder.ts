/**
 * Runs a function once with tfjs' WebGPU backend writing down what it would have done: dispatches and copies go into
 * a list instead of a command buffer, buffers come from an arena, nothing is submitted and nothing can be read.
 */
import { BasinError } from '../../base/errors'
import * as tf from '../tf'
import type { BackendParts, DataId, EncoderLike, PassLike, Program } from '../tf/backendParts'
import { Arena } from './arena'

export interface Dispatch {
  kind: 'dispatch'
  /** tfjs' key of the program, and the shape it writes. */
  label: string
  outShape: readonly number[]
  pipeline: GPUComputePipeline
  bindGroup: GPUBindGroup
  workgroups: readonly [number, number, number]
}

export interface Copy {
  kind: 'copy'
  from: GPUBuffer
  fromOffset: number
  to: GPUBuffer
  toOffset: number
  size: number
}

export type Command = Dispatch | Copy

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
  constants: object[]
}

/**
 * @param body runs with the backend recording; it frees every tensor it makes
 * @throws BasinError `internal` when the body reads from the device or leaves a tensor behind
 */
export function record<T>(parts: BackendParts, body: (arena: Arena) => T): Recorded<T> {
  // Whatever waits to be submitted comes before this recording.
  parts.endComputePassEncoder()
  if (parts.commandEncoder) parts.submitQueue()

  const real = { ...fieldsOf(parts) }
  const arena = new Arena(parts.device, real.bufferManager)
  const noted: Noted[] = []
  const constants = new Set<object>()
  const firstOwnId = parts.write(null, [0], 'float32') as DataId
  parts.disposeData(firstOwnId)
  let program: Program | undefined

  const encoder = recordingEncoder(noted, () => program)
  const recordingFields: Fields = {
    bufferManager: arena,
    commandEncoder: encoder,
    computePassEncoder: null,
    // Nothing waits for a submit: what tfjs frees is free at once, since the order of the list is kept.
    commandQueueOwnedIds: { add: () => {}, has: () => false } as unknown as WeakSet<object>,
    dispatchCountInPass: 0,
    uniformPendingDisposal: [],
  }

  const made: object[] = []
  const hooks = {
    write(...args: Parameters<BackendParts['write']>) {
      const dataId = prototypeOf(parts).write.apply(parts, args)
      made.push(dataId)
      return dataId
    },
    submitQueue() {
      parts.dispatchCountInPass = 0
      parts.uniformPendingDisposal = []
    },
    getBufferData: () => Promise.reject(readRefused()),
    readSync(dataId: object) {
      if (parts.tensorMap.get(dataId).resource) throw readRefused()
      return prototypeOf(parts).readSync.call(parts, dataId)
    },
    uploadToGPU(dataId: object) {
      const { uploadToGPU } = prototypeOf(parts)
      if ((dataId as DataId).id > firstOwnId.id) return uploadToGPU.call(parts, dataId)
      // Not the recording's own: a constant from outside. It is uploaded outside, and held.
      if (!constants.has(dataId)) {
        constants.add(dataId)
        parts.incRef(dataId)
      }
      const here = fieldsOf(parts)
      Object.assign(parts, real)
      uploadToGPU.call(parts, dataId)
      if (parts.commandEncoder) {
        parts.endComputePassEncoder()
        prototypeOf(parts).submitQueue.call(parts)
      }
      Object.assign(real, fieldsOf(parts))
      Object.assign(parts, here)
    },
    runWebGPUProgram(...args: Parameters<BackendParts['runWebGPUProgram']>) {
      program = { shaderKey: args[0].shaderKey, outputShape: args[0].outputShape }
      return runProgram.apply(parts, args)
    },
  }
  // Keeps whatever stands before the class's own method (the check of the device's limits).
  const runProgram = parts.runWebGPUProgram
  const hadOwnRun = Object.hasOwn(parts, 'runWebGPUProgram')

  recording = true
  Object.assign(parts, recordingFields, hooks)
  const { device } = parts
  const createBindGroup = device.createBindGroup
  const hadOwnCreate = Object.hasOwn(device, 'createBindGroup')
  // Made when it is known which buffers they are to bind.
  device.createBindGroup = (descriptor) => descriptor as unknown as GPUBindGroup
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
    for (const dataId of made) {
      // What was kept has lost its buffer: disposing it later must not look for one.
      if (parts.tensorMap.has(dataId)) parts.tensorMap.get(dataId).external = true
    }
    dropTape()
    arena.destroy()
    restore()
    for (const dataId of constants) parts.disposeData(dataId)
    throw error
  }
  restore()
  arena.settle(noted.map(buffersOf))
  const commands = noted.map((command) => settled(command, device, arena))
  return { value, commands, arena, constants: [...constants] }

  function restore() {
    recording = false
    if (hadOwnCreate) device.createBindGroup = createBindGroup
    else delete (device as Partial<GPUDevice>).createBindGroup
    Object.assign(parts, real)
    for (const name of Object.keys(hooks) as (keyof typeof hooks)[]) {
      if (name === 'runWebGPUProgram' && hadOwnRun) parts.runWebGPUProgram = runProgram
      else delete (parts as Partial<BackendParts>)[name]
    }
  }
}

/** What a gradient had saved when it failed; tfjs frees it only where one succeeds. */
function dropTape(): void {
  const { state } = tf.engine()
  if (state.gradientDepth > 0) return
  for (const { saved = [] } of state.activeTape ?? []) tf.dispose(saved)
  state.activeTape = []
}

const FIELDS = [
  'bufferManager',
  'commandEncoder',
  'computePassEncoder',
  'commandQueueOwnedIds',
  'dispatchCountInPass',
  'uniformPendingDisposal',
] as const
type Fields = Pick<BackendParts, (typeof FIELDS)[number]>

function fieldsOf(parts: BackendParts): Fields {
  return Object.fromEntries(FIELDS.map((name) => [name, parts[name]])) as unknown as Fields
}

const prototypeOf = (parts: BackendParts) => Object.getPrototypeOf(parts) as BackendParts

function readRefused(): BasinError {
  return new BasinError(
    'internal',
    'capture: nothing can be read from the device while a function is recorded',
    'Return the tensor and read it after the call.',
  )
}

/** A dispatch whose bind group is not made yet. */
type Noted = (Omit<Dispatch, 'bindGroup'> & { bindings: GPUBindGroupDescriptor }) | Copy

const isBuffer = (resource: GPUBindingResource): resource is GPUBufferBinding => 'buffer' in resource

function buffersOf(command: Noted): GPUBuffer[] {
  if (command.kind === 'copy') return [command.from, command.to]
  return [...command.bindings.entries].flatMap(({ resource }) =>
    isBuffer(resource) ? [resource.buffer] : [],
  )
}

/** The command on the buffers that its stand-ins were given. */
function settled(command: Noted, device: GPUDevice, arena: Arena): Command {
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

function recordingEncoder(commands: Noted[], program: () => Program | undefined): EncoderLike {
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
          const { shaderKey = '', outputShape = [] } = program() ?? {}
          const workgroups = [x, y, z] as const
          commands.push({
            kind: 'dispatch',
            label: shaderKey,
            outShape: outputShape,
            pipeline,
            bindings,
            workgroups,
          })
        },
        end() {},
      }
      return pass as unknown as PassLike
    },
    copyBufferToBuffer(from, fromOffset, to, toOffset, size) {
      commands.push({ kind: 'copy', from, fromOffset, to, toOffset, size })
    },
  }
}
