/**
 * A function of tensors that costs its JavaScript once: the first call with tensors of given shapes records what tfjs
 * does (on WebGPU pipelines, bind groups and workgroup counts; in WebAssembly kernels and their parameters), every
 * further call replays the recording with the new values. In plain JavaScript it just calls the function, and so it does
 * in WebAssembly where one of tfjs' own kernels computes something in it.
 *
 * What the function must keep to: its result depends on nothing but its input tensors and on what never changes.
 * A JavaScript number, a closed-over tensor or tf.scalar(x) inside are constants of the recording. It reads nothing
 * from the device and keeps no tensor but those it returns.
 */
import { f16IsOn } from '../device/f16'
import * as tf from '../tf'
import { storedType, webGpuParts } from '../tf/backendParts'
import type { WasmBackend } from '../wasm/wasmBackend'
import { isRecording } from './recorder'
import { Recording } from './recording'
import { type Leaf, leavesOf, signatureOf } from './tree'
import { WasmRecording } from './wasmRecording'

export interface CaptureReport {
  /** Shapes seen. */
  recordings: number
  /** Dispatches of each recording, in the order they were made. */
  dispatches: number[]
  /** Bytes that a replay of each touches; ordinary storage is shared by all recordings of the device. */
  bytes: number[]
}

export interface Captured<I, O> {
  /** Results are the caller's to dispose; inputs stay untouched. Same bits as calling the function. */
  (input: I): O
  /** Records for these shapes and computes nothing: what the function would run becomes known. */
  record(input: I): void
  report(): CaptureReport
  /** Frees every recording. A later call records anew. */
  dispose(): void
}

/** More shapes than any use here has (a batch, the last shorter batch, with and without a probe). */
const MAX_RECORDINGS = 8

let epoch = 0

let enabled = true

/** Off: captured functions are simply called, on every backend. What a comparison with plain tfjs needs. */
export function enableCapture(on: boolean): void {
  enabled = on
}

/** Call when kernels were registered or chosen anew: every recording is made again at its next call. */
export function dropRecordings(): void {
  epoch++
}

/** What recordings are made on. */
interface Recorder {
  /** They are of this backend and no other. */
  backend: object
  storedType(tensor: tf.Tensor): tf.DataType
  /** @returns undefined for a function that has to be called each time */
  make<O>(fn: (input: never) => O, input: unknown): Recorded<O> | undefined
}

type Recorded<O> = Pick<Recording<O>, 'replay' | 'dispose' | 'dispatches' | 'bytes'>

/** undefined where the function is to be called as it is. */
function recorder(): Recorder | undefined {
  // Inside another recording, a gradient or a profile the function's own ops are what counts.
  if (!enabled || isRecording() || tf.engine().isTapeOn()) return undefined
  const parts = webGpuParts()
  if (parts) {
    if (parts.activeTimers != null) return undefined
    return {
      backend: parts,
      storedType: (tensor) => storedType(parts, tensor),
      make: (fn, input) => new Recording(parts, fn, input),
    }
  }
  if (tf.getBackend() !== 'wasm') return undefined
  const backend = tf.backend() as WasmBackend
  if (backend.machine.listing) return undefined
  return {
    backend,
    storedType: ({ dtype }) => dtype,
    make: (fn, input) => WasmRecording.of(backend, fn, input),
  }
}

/** @param fn a function of a plain object (nested or not) of tensors */
export function capture<I extends object, O extends tf.TensorContainer>(fn: (input: I) => O): Captured<I, O> {
  /** Undefined: called each time. */
  const recordings = new Map<string, Recorded<O> | undefined>()
  let madeFor: { epoch: number; backend: object; f16: boolean } | undefined

  function dispose() {
    for (const recording of recordings.values()) recording?.dispose()
    recordings.clear()
  }

  function call(input: I): O {
    const on = recorder()
    if (!on) return tf.tidy(() => fn(input))
    const leaves = leavesOf(input)
    const recording = recordingFor(on, leaves, input)
    return recording ? recording.replay(leaves) : tf.tidy(() => fn(input))
  }

  function record(input: I): void {
    const on = recorder()
    if (on) recordingFor(on, leavesOf(input), input)
  }

  function recordingFor(on: Recorder, leaves: readonly Leaf[], input: I): Recorded<O> | undefined {
    const { backend } = on
    const f16 = f16IsOn()
    if (madeFor?.epoch !== epoch || madeFor.backend !== backend || madeFor.f16 !== f16) {
      dispose()
      madeFor = { epoch, backend, f16 }
    }
    const signature = signatureOf(leaves, on.storedType)
    if (!recordings.has(signature)) {
      makeRoom()
      recordings.set(signature, on.make(fn, input))
    }
    return recordings.get(signature)
  }

  function makeRoom() {
    if (recordings.size < MAX_RECORDINGS) return
    const [oldest] = recordings.keys()
    recordings.get(oldest)?.dispose()
    recordings.delete(oldest)
  }

  const report = (): CaptureReport => {
    const all = [...recordings.values()].filter((recording) => recording !== undefined)
    return {
      recordings: all.length,
      dispatches: all.map(({ dispatches }) => dispatches),
      bytes: all.map(({ bytes }) => bytes),
    }
  }
  return Object.assign(call, { record, report, dispose })
}
