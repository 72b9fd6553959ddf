/**
 * A tfjs backend whose tensors of floats lie in one WebAssembly memory. It is tfjs' plain backend with another home for
 * values: a kernel of ours is given addresses; one of tfjs' own, which runs wherever we have none, is given a view.
 */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import * as tf from '../tf'
import { blockOf, NoValuesYet } from './listing'
import type { Machine } from './machine'

/** A tensor's values: in the memory, or still (or for good) in an array of JavaScript's. */
class Values {
  refCount = 1
  complexTensorInfos?: unknown
  /** 0: not in the memory. */
  address = 0
  /** What commands take a listed tensor of integers for. */
  takenFor?: 'floats' | 'words'
  #array: tf.BackendValues | null
  #view?: Float32Array
  #generation = -1

  constructor(
    private readonly machine: Machine,
    readonly dtype: tf.DataType,
    readonly size: number,
    array: tf.BackendValues | null,
  ) {
    this.#array = array
  }

  /** What tfjs' kernels read; a view is good until the tensor is freed. */
  get values(): tf.BackendValues | null {
    if (this.address === 0) return this.#array
    if (this.isListed) throw new NoValuesYet()
    const { arena } = this.machine
    if (this.#generation !== arena.generation) {
      this.#generation = arena.generation
      this.#view = new Float32Array(arena.memory.buffer, this.address, this.size)
    }
    return this.#view!
  }

  /** Its place is in a listing's blocks. */
  get isListed(): boolean {
    return blockOf(this.address) >= 0
  }

  /** Room in the memory, not yet written. */
  place(): number {
    this.address = this.machine.take(4 * this.size)
    return this.address
  }

  /** Moves them into the memory, if they are not there. */
  upload(): number {
    if (this.address !== 0) return this.address
    const array = this.#array as ArrayLike<number>
    this.#array = null
    // Also while commands are listed: they may name what is there.
    this.address = this.machine.arena.take(4 * this.size)
    this.machine.arena.f32.set(array, this.address / 4)
    return this.address
  }

  free(): void {
    if (this.address !== 0) this.machine.give(this.address)
    this.address = 0
  }
}

/** Only what it needs of tfjs' own backend is private there. */
interface Storage {
  get(dataId: object): Values
  set(dataId: object, values: Values): void
  has(dataId: object): boolean
}

export class WasmBackend extends MathBackendCPU {
  constructor(readonly machine: Machine) {
    super()
  }

  /** Where canFuse looks for how values lie. */
  get tensorMap(): Storage {
    return this.data as unknown as Storage
  }

  override write(values: tf.BackendValues | null, shape: number[], dtype: tf.DataType): object {
    const dataId = { id: ids++ }
    this.move(dataId, values, shape, dtype, 1)
    return dataId
  }

  override move(
    dataId: object,
    values: tf.BackendValues | null,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    const entry = new Values(this.machine, dtype, tf.util.sizeFromShape(shape), this.#own(values))
    entry.refCount = refCount
    this.tensorMap.set(dataId, entry)
  }

  /** A kernel of tfjs' may give back a part of what it was given: that would change when its memory serves another. */
  #own(values: tf.BackendValues | null): tf.BackendValues | null {
    const isView = ArrayBuffer.isView(values) && values.buffer === this.machine.arena.memory.buffer
    return isView ? (values as Float32Array).slice() : values
  }

  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId)
  }

  override readSync(dataId: object): tf.BackendValues {
    const values = super.readSync(dataId)
    return this.#own(values)!
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.tensorMap.has(dataId) ? this.tensorMap.get(dataId) : undefined
    const isGone = super.disposeData(dataId, force)
    if (isGone) entry?.free()
    return isGone
  }

  /** The address of a tensor's floats. */
  addressOf({ dataId }: tf.TensorInfo): number {
    const entry = this.tensorMap.get(dataId)
    this.#note(dataId, entry, 'floats')
    return entry.upload()
  }

  /** The array of a tensor of integers, which no kernel of ours writes. */
  integersOf({ dataId }: tf.TensorInfo): Int32Array {
    return this.tensorMap.get(dataId).values as Int32Array
  }

  /** The words of a tensor of integers in the memory, for the time of one kernel: given back with `machine.give`. */
  wordsOf({ dataId }: tf.TensorInfo): number {
    const { arena, listing } = this.machine
    const entry = this.tensorMap.get(dataId)
    if (entry.isListed) {
      this.#note(dataId, entry, 'words')
      return entry.address
    }
    // Those of a constant would have to lie somewhere for as long as the listing lives.
    if (listing) throw new NoValuesYet()
    const at = arena.take(4 * entry.size)
    arena.i32.set(entry.values as Int32Array, at / 4)
    return at
  }

  /** What a listing must know of what its commands read. */
  #note(dataId: object, entry: Values, as: Values['takenFor']): void {
    const { listing } = this.machine
    if (!listing) return
    if (entry.isListed) {
      if (entry.dtype !== 'float32' && entry.takenFor && entry.takenFor !== as) throw new NoValuesYet()
      entry.takenFor = as
    } else if (!listing.constants.has(dataId)) {
      listing.constants.add(dataId)
      this.incRef(dataId)
    }
  }

  /** The block of a listing where a tensor lies; undefined for one that has values. */
  blockOf({ dataId }: tf.TensorInfo): number | undefined {
    const block = blockOf(this.tensorMap.get(dataId).address)
    return block < 0 ? undefined : block
  }

  /** What the commands of a listing take one of its tensors for; undefined where none reads it. */
  takenFor({ dataId }: tf.TensorInfo): Values['takenFor'] {
    return this.tensorMap.get(dataId).takenFor
  }

  /** A new tensor with room in the memory, or in a block of the listing; not yet written. */
  standIn(shape: number[], dtype: tf.DataType): { dataId: object; address: number } {
    const dataId = { id: ids++ }
    const entry = new Values(this.machine, dtype, tf.util.sizeFromShape(shape), null)
    this.tensorMap.set(dataId, entry)
    return { dataId, address: entry.place() }
  }

  /** A new tensor of floats in the memory, not yet written. */
  output(shape: number[]): { info: tf.TensorInfo; address: number } {
    const { dataId, address } = this.standIn(shape, 'float32')
    return { info: { dataId, shape, dtype: 'float32' }, address }
  }

  /** Another tensor of the same values. */
  alias({ dataId }: tf.TensorInfo, shape: number[]): tf.TensorInfo {
    this.incRef(dataId)
    return { dataId, shape, dtype: 'float32' }
  }

  override memory() {
    return { unreliable: false } as unknown as ReturnType<MathBackendCPU['memory']>
  }

  override dispose(): void {
    this.machine.dispose()
  }
}

/** Ids are not numbers of anybody else's: they only have to differ. */
let ids = 0

/** Registers the backend under its name, and every kernel of tfjs' plain one for it. */
export function registerWasm(machine: Machine): WasmBackend {
  const backend = new WasmBackend(machine)
  if (tf.findBackendFactory('wasm')) {
    tf.findBackend('wasm').dispose()
    tf.removeBackend('wasm')
  }
  tf.registerBackend('wasm', () => backend, 2)
  for (const kernel of tf.getKernelsForBackend('cpu')) {
    if (!tf.getKernel(kernel.kernelName, 'wasm')) tf.registerKernel({ ...kernel, backendName: 'wasm' })
  }
  return backend
}
