/**
 * Storage of recordings. Ordinary buffers (a kernel's output) are free for the next one after the last command that
 * names them, within a recording, and between recordings because a replay is never interrupted by another: so all
 * recordings of a device share them. Buffers that must keep their values between replays (inputs, constants,
 * uniforms) belong to one recording alone.
 */
import { checkBufferSize } from '../device/limits'
import type { BufferSource } from '../tf/backendParts'
import { neededCommands } from './needed'

/** Buffers that several recordings write in turn. */
export class SharedStorage {
  readonly #users = new Map<GPUBuffer, number>()

  constructor(private readonly device: GPUDevice) {}

  get bytes(): number {
    return [...this.#users.keys()].reduce((sum, { size }) => sum + size, 0)
  }

  get count(): number {
    return this.#users.size
  }

  /** All buffers by size, for a recording to choose from. */
  bySize(): Map<number, GPUBuffer[]> {
    const free = new Map<number, GPUBuffer[]>()
    for (const buffer of this.#users.keys()) {
      const list = free.get(buffer.size)
      if (list) list.push(buffer)
      else free.set(buffer.size, [buffer])
    }
    return free
  }

  create(size: number, usage: number): GPUBuffer {
    checkBufferSize('a tensor', size, this.device.limits)
    const buffer = this.device.createBuffer({ size, usage })
    this.#users.set(buffer, 0)
    return buffer
  }

  retain(buffers: Iterable<GPUBuffer>): void {
    for (const buffer of buffers) this.#users.set(buffer, (this.#users.get(buffer) ?? 0) + 1)
  }

  /** Destroys what no recording uses any more. */
  release(buffers: Iterable<GPUBuffer>): void {
    for (const buffer of buffers) {
      const left = this.#users.get(buffer)! - 1
      if (left > 0) this.#users.set(buffer, left)
      else {
        this.#users.delete(buffer)
        buffer.destroy()
      }
    }
  }
}

const storages = new WeakMap<GPUDevice, SharedStorage>()

export function sharedStorage(device: GPUDevice): SharedStorage {
  let storage = storages.get(device)
  if (!storage) {
    storage = new SharedStorage(device)
    storages.set(device, storage)
  }
  return storage
}

/** How much larger a free buffer may be than what it is taken for. */
const ROOM = 1.25

/**
 * The buffers of one recording, in the place of the backend's own manager while it is made. What tfjs asks for is
 * given a stand-in, and storage only when all commands are known: from the first that names it to the last. That is
 * far less than tfjs holds, which keeps a forward pass whole until it ends and every gradient until the last.
 */
export class Arena implements BufferSource {
  readonly #storage: SharedStorage
  readonly #shared = new Set<GPUBuffer>()
  readonly #own: GPUBuffer[] = []
  readonly #standIns = new Set<GPUBuffer>()
  /** Stand-ins that a tensor holds at the moment. */
  readonly #held = new Set<GPUBuffer>()
  readonly #kept = new Set<GPUBuffer>()
  readonly #placed = new Map<GPUBuffer, GPUBuffer>()

  /** @param elsewhere takes back what does not come from here */
  constructor(
    private readonly device: GPUDevice,
    private readonly elsewhere: BufferSource,
  ) {
    this.#storage = sharedStorage(device)
  }

  /** Bytes of every buffer that a replay touches, shared ones included. */
  get bytes(): number {
    return [...this.#shared, ...this.#own].reduce((sum, { size }) => sum + size, 0)
  }

  get buffers(): number {
    return this.#shared.size + this.#own.length
  }

  /** Ordinary buffers not yet given back. */
  get heldCount(): number {
    return this.#held.size
  }

  /** A buffer that keeps its values from one replay to the next. */
  ownBuffer(size: number, usage: number, mappedAtCreation = false): GPUBuffer {
    checkBufferSize('a tensor', size, this.device.limits)
    const buffer = this.device.createBuffer({ size, usage, mappedAtCreation })
    this.#own.push(buffer)
    return buffer
  }

  acquireBuffer(size: number, usage: number, mappedAtCreation = false): GPUBuffer {
    const isConstant = mappedAtCreation || (usage & GPUBufferUsage.UNIFORM) !== 0
    if (isConstant) return this.ownBuffer(size, usage, mappedAtCreation)
    checkBufferSize('a tensor', size, this.device.limits)
    const standIn: GPUBuffer = Object.create(GPUBuffer.prototype, {
      size: { value: size },
      usage: { value: usage },
    })
    this.#standIns.add(standIn)
    this.#held.add(standIn)
    return standIn
  }

  releaseBuffer(buffer: GPUBuffer): void {
    if (this.#standIns.has(buffer)) this.#held.delete(buffer)
    else if (!this.#own.includes(buffer)) this.elsewhere.releaseBuffer(buffer)
  }

  /** What is read after the last command. */
  keep(buffer: GPUBuffer): void {
    this.#kept.add(buffer)
  }

  /** Which commands decide what is kept. @param uses the buffers that each command names, in their order */
  needed(uses: readonly (readonly GPUBuffer[])[]): boolean[] {
    return neededCommands(uses, (buffer) => this.#standIns.has(buffer), this.#kept)
  }

  /**
   * Gives every stand-in its storage.
   * @param uses the buffers that each command names, in their order
   */
  settle(uses: readonly (readonly GPUBuffer[])[]): void {
    const last = new Map<GPUBuffer, number>()
    for (const [i, buffers] of uses.entries()) for (const buffer of buffers) last.set(buffer, i)
    const free = this.#storage.bySize()
    for (const [i, buffers] of uses.entries()) {
      const standIns = [...new Set(buffers)].filter((buffer) => this.#standIns.has(buffer))
      for (const standIn of standIns) this.#place(standIn, free)
      for (const standIn of standIns) {
        if (last.get(standIn) === i && !this.#kept.has(standIn)) giveBack(free, this.bufferOf(standIn))
      }
    }
    for (const standIn of this.#kept) if (this.#standIns.has(standIn)) this.#place(standIn, free)
  }

  /** A stand-in's storage; any other buffer is itself. */
  bufferOf(buffer: GPUBuffer): GPUBuffer {
    return this.#placed.get(buffer) ?? buffer
  }

  destroy(): void {
    for (const buffer of this.#own) buffer.destroy()
    this.#storage.release(this.#shared)
    this.#own.length = 0
    this.#shared.clear()
  }

  #place(standIn: GPUBuffer, free: Map<number, GPUBuffer[]>): void {
    if (this.#placed.has(standIn)) return
    const buffer = takeFree(free, standIn.size) ?? this.#storage.create(standIn.size, standIn.usage)
    this.#placed.set(standIn, buffer)
    if (this.#shared.has(buffer)) return
    this.#shared.add(buffer)
    this.#storage.retain([buffer])
  }
}

/** The smallest that is large enough and not much larger. */
function takeFree(free: Map<number, GPUBuffer[]>, size: number): GPUBuffer | undefined {
  const sizes = [...free.keys()].filter((other) => other >= size && other <= ROOM * size)
  if (sizes.length === 0) return undefined
  const found = Math.min(...sizes)
  const list = free.get(found)!
  const buffer = list.pop()
  if (list.length === 0) free.delete(found)
  return buffer
}

function giveBack(free: Map<number, GPUBuffer[]>, buffer: GPUBuffer): void {
  const list = free.get(buffer.size)
  if (list) list.push(buffer)
  else free.set(buffer.size, [buffer])
}
