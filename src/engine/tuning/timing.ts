/**
 * What a kernel costs on this device, by the clock on the wall: it is recorded once on buffers of its own and
 * replayed until a submission takes long enough to be told from its overhead. Timestamp queries would not be better:
 * browsers round them to 0.1 ms, and every kernel here is as long as many of its dispatches are made to take.
 */
import { type Command, encodeCommands } from '../capture/commands'
import { record } from '../capture/recorder'
import * as tf from '../tf'
import { type BackendParts, TENSOR_USAGE, tensorOn } from '../tf/backendParts'
import type { PendingShape } from './choices'
import type { Candidate } from './operation'

/** A submission this long is long enough: some ten times what an empty one takes. */
const LONG_MS = 5
const MOST_REPEATS = 256
const ROUNDS = 3

/**
 * Milliseconds of one run of each candidate on inputs of zeros, the least of some rounds taken in turn; Infinity for
 * one that the device refuses.
 */
export async function timeCandidates(parts: BackendParts, pending: PendingShape): Promise<number[]> {
  const contestants: (Contestant | undefined)[] = []
  try {
    for (const candidate of pending.candidates) contestants.push(await enter(parts, pending, candidate))
    const best = contestants.map(() => Number.POSITIVE_INFINITY)
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, contestant] of contestants.entries()) {
        if (!contestant) continue
        const { commands, repeats } = contestant
        best[i] = Math.min(best[i], (await submit(parts, commands, repeats)) / repeats)
      }
    }
    return best
  } finally {
    for (const contestant of contestants) contestant?.dispose()
  }
}

interface Contestant {
  commands: readonly Command[]
  repeats: number
  dispose(): void
}

/** Records, compiles and runs in; undefined when the device refuses any of it. */
async function enter(
  parts: BackendParts,
  pending: PendingShape,
  candidate: Candidate<unknown>,
): Promise<Contestant | undefined> {
  const { device } = parts
  device.pushErrorScope('out-of-memory')
  device.pushErrorScope('internal')
  device.pushErrorScope('validation')
  let contestant: Contestant | undefined
  try {
    const { commands, arena } = record(parts, (storage) => {
      const own = Object.entries(pending.inputs).map(([name, { shape, dtype }]) => {
        const buffer = storage.ownBuffer(4 * tf.util.sizeFromShape(shape), TENSOR_USAGE())
        return [name, tensorOn(parts, buffer, shape, dtype, dtype)] as const
      })
      const args = { inputs: Object.fromEntries(own), attrs: pending.attrs, backend: parts } as never
      const call = pending.operation.read(args)
      const output = candidate.run({ args, call, stock: pending.stock })
      parts.disposeData(output.dataId)
      tf.dispose(own.map(([, tensor]) => tensor))
    })
    contestant = { commands, repeats: 1, dispose: () => arena.destroy() }
    // The first run compiles.
    await submit(parts, commands, 1)
    contestant.repeats = await repeatsOf(parts, commands)
  } catch {
    contestant?.dispose()
    contestant = undefined
  }
  const errors = await Promise.all([1, 2, 3].map(() => device.popErrorScope()))
  if (contestant && errors.some((error) => error !== null)) {
    contestant.dispose()
    return undefined
  }
  return contestant
}

async function repeatsOf(parts: BackendParts, commands: readonly Command[]): Promise<number> {
  for (let repeats = 1; ; repeats *= 4) {
    if (repeats >= MOST_REPEATS || (await submit(parts, commands, repeats)) >= LONG_MS) return repeats
  }
}

/** @returns milliseconds until the device says that it is done */
async function submit(parts: BackendParts, commands: readonly Command[], repeats: number): Promise<number> {
  const encoder = parts.device.createCommandEncoder()
  for (let i = 0; i < repeats; i++) encodeCommands(encoder, commands)
  const buffer = encoder.finish()
  const start = performance.now()
  parts.queue.submit([buffer])
  await parts.queue.onSubmittedWorkDone()
  return performance.now() - start
}
