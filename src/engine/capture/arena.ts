/**
 * Storage of recordings. Ordinary buffers (a kernel's output) are free for the next one as soon as tfjs lets go of
 * them, within a recording in the order of its dispatches, and between recordings because a replay is never
 * interrupted by another: so all recordings of a device share them. Buffers that must keep their values between
 * replays (inputs, constants, uniforms) belong to one recording alone.
 */
import { checkLimits } from '../limits'
import type { BufferSource } from './backendParts'

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
    checkLimits('a recording', [[size / 4]], this.device.limits)
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

/** The buffers of one recording, in the place of the backend's own manager while it is made. */
export class Arena implements BufferSource {
  readonly #storage: SharedStorage
  readonly #free: Map<number, GPUBuffer[]>
  readonly #shared = new Set<GPUBuffer>()
  readonly #own: GPUBuffer[] = []
  /** Ordinary buffers that a tensor holds at the moment. */
  readonly #held = new Set<GPUBuffer>()

  /** @param elsewhere takes back what does not come from here */
  constructor(
    private readonly device: GPUDevice,
    private readonly elsewhere: BufferSource,
  ) {
    this.#storage = sharedStorage(device)
    this.#free = this.#storage.bySize()
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
    checkLimits('a recording', [[size / 4]], this.device.limits)
    const buffer = this.device.createBuffer({ size, usage, mappedAtCreation })
    this.#own.push(buffer)
    return buffer
  }

  acquireBuffer(size: number, usage: number, mappedAtCreation = false): GPUBuffer {
    const isConstant = mappedAtCreation || (usage & GPUBufferUsage.UNIFORM) !== 0
    if (isConstant) return this.ownBuffer(size, usage, mappedAtCreation)
    const buffer = this.#free.get(size)?.pop() ?? this.#storage.create(size, usage)
    if (!this.#shared.has(buffer)) {
      this.#shared.add(buffer)
      this.#storage.retain([buffer])
    }
    this.#held.add(buffer)
    return buffer
  }

  releaseBuffer(buffer: GPUBuffer): void {
    if (this.#held.delete(buffer)) {
      const list = this.#free.get(buffer.size)
      if (list) list.push(buffer)
      else this.#free.set(buffer.size, [buffer])
    } else if (!this.#shared.has(buffer) && !this.#own.includes(buffer)) {
      this.elsewhere.releaseBuffer(buffer)
    }
  }

  destroy(): void {
    for (const buffer of this.#own) buffer.destroy()
    this.#storage.release(this.#shared)
    this.#own.length = 0
    this.#shared.clear()
  }
}
