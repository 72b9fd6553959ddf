/**
 * tfjs' WebGPU backend while something is recorded: its commands go where the recording says, its buffers come from
 * there, nothing is submitted and nothing can be read.
 */
import * as tf from '.'
import type { BackendParts, BufferSource, DataId, EncoderLike, Program } from './backendParts'

export interface Detour {
  buffers: BufferSource
  /** Takes passes and copies; the bind groups it is given are descriptors still. */
  encoder: EncoderLike
  /** Told of each program before its commands come. */
  onProgram(program: Program): void
  /** What a read ends with. */
  readRefused(): Error
}

export interface Interception {
  /** Data that existed before and that is read in place; a reference to each is held, for `releaseData`. */
  readonly constants: readonly object[]
  /** The backend is itself again. */
  end(): void
  /** The same after a failure: of what the body made nothing holds a buffer any more. */
  abandon(): void
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

/** From now on until one of its ends is called; whatever waits to be submitted is submitted before. */
export function intercept(
  parts: BackendParts,
  { buffers, encoder, onProgram, readRefused }: Detour,
): Interception {
  parts.endComputePassEncoder()
  if (parts.commandEncoder) parts.submitQueue()

  const real = { ...fieldsOf(parts) }
  const constants = new Set<object>()
  const firstOwnId = parts.write(null, [0], 'float32') as DataId
  parts.disposeData(firstOwnId)
  const detour: Fields = {
    bufferManager: buffers,
    commandEncoder: encoder,
    computePassEncoder: null,
    // Nothing waits for a submit: what tfjs frees is free at once, since the order of the list is kept.
    commandQueueOwnedIds: { add: () => {}, has: () => false } as unknown as WeakSet<object>,
    dispatchCountInPass: 0,
    uniformPendingDisposal: [],
  }

  const made: object[] = []
  // Keeps whatever stands before the class's own method (programs.ts).
  const runProgram = parts.runWebGPUProgram
  const hadOwnRun = Object.hasOwn(parts, 'runWebGPUProgram')
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
      const [{ shaderKey, outputShape }] = args
      onProgram({ shaderKey, outputShape })
      return runProgram.apply(parts, args)
    },
  }
  Object.assign(parts, detour, hooks)

  const { device } = parts
  const createBindGroup = device.createBindGroup
  const hadOwnCreate = Object.hasOwn(device, 'createBindGroup')
  // Made when it is known which buffers they are to bind.
  device.createBindGroup = (descriptor) => descriptor as unknown as GPUBindGroup

  function end() {
    if (hadOwnCreate) device.createBindGroup = createBindGroup
    else delete (device as Partial<GPUDevice>).createBindGroup
    Object.assign(parts, real)
    for (const name of Object.keys(hooks) as (keyof typeof hooks)[]) {
      if (name === 'runWebGPUProgram' && hadOwnRun) parts.runWebGPUProgram = runProgram
      else delete (parts as Partial<BackendParts>)[name]
    }
  }

  function abandon() {
    for (const dataId of made) {
      // What was kept has lost its buffer: disposing it later must not look for one.
      if (parts.tensorMap.has(dataId)) parts.tensorMap.get(dataId).external = true
    }
    dropTape()
    end()
    for (const dataId of constants) parts.disposeData(dataId)
  }

  return {
    get constants() {
      return [...constants]
    },
    end,
    abandon,
  }
}

/** What a gradient had saved when it failed; tfjs frees it only where one succeeds. */
function dropTape(): void {
  const { state } = tf.engine()
  if (state.gradientDepth > 0) return
  for (const { saved = [] } of state.activeTape ?? []) tf.dispose(saved)
  state.activeTape = []
}
