/**
 * A function of tensors that costs its JavaScript once: on WebGPU the first call with tensors of given shapes
 * records what tfjs does (pipelines, bind groups, workgroup counts), every further call replays the recording with
 * the new values. On other backends it just calls the function.
 *
 * What the function must keep to: its result depends on nothing but its input tensors and on what never changes.
 * A JavaScript number, a closed-over tensor or tf.scalar(x) inside are constants of the recording. It reads nothing
 * from the device and keeps no tensor but those it returns.
 */
import { f16IsOn } from '../device/f16'
import * as tf from '../tf'
import { type BackendParts, storedType, webGpuParts } from '../tf/backendParts'
import { isRecording } from './recorder'
import { Recording } from './recording'
import { type Leaf, leavesOf, signatureOf } from './tree'

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

/** The backend to record on; undefined where the function is to be called as it is. */
function recordingParts(): BackendParts | undefined {
  const parts = webGpuParts()
  // Inside another recording, a gradient or a profile the function's own ops are what counts.
  const inline = !enabled || !parts || isRecording() || tf.engine().isTapeOn() || parts.activeTimers != null
  return inline ? undefined : parts
}

/** @param fn a function of a plain object (nested or not) of tensors */
export function capture<I extends object, O extends tf.TensorContainer>(fn: (input: I) => O): Captured<I, O> {
  const recordings = new Map<string, Recording<O>>()
  let madeFor: { epoch: number; parts: unknown; f16: boolean } | undefined

  function dispose() {
    for (const recording of recordings.values()) recording.dispose()
    recordings.clear()
  }

  function call(input: I): O {
    const parts = recordingParts()
    if (!parts) return tf.tidy(() => fn(input))
    const leaves = leavesOf(input)
    return recordingFor(parts, leaves, input).replay(leaves)
  }

  function record(input: I): void {
    const parts = recordingParts()
    if (parts) recordingFor(parts, leavesOf(input), input)
  }

  function recordingFor(parts: BackendParts, leaves: readonly Leaf[], input: I): Recording<O> {
    const f16 = f16IsOn()
    if (madeFor?.epoch !== epoch || madeFor.parts !== parts || madeFor.f16 !== f16) {
      dispose()
      madeFor = { epoch, parts, f16 }
    }
    const signature = signatureOf(leaves, (tensor) => storedType(parts, tensor))
    let recording = recordings.get(signature)
    if (!recording) {
      makeRoom()
      recording = new Recording<O>(parts, fn, input)
      recordings.set(signature, recording)
    }
    return recording
  }

  function makeRoom() {
    if (recordings.size < MAX_RECORDINGS) return
    const [oldest] = recordings.keys()
    recordings.get(oldest)!.dispose()
    recordings.delete(oldest)
  }

  const report = (): CaptureReport => {
    const all = [...recordings.values()]
    return {
      recordings: all.length,
      dispatches: all.map(({ dispatches }) => dispatches),
      bytes: all.map(({ bytes }) => bytes),
    }
  }
  return Object.assign(call, { record, report, dispose })
}
