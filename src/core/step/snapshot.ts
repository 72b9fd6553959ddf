/** A training state to plain arrays and back: what checkpoints, exports and resumed runs are made of. */
import { readTensor } from '../../engine/device/loss'
import * as tf from '../../engine/tf'
import type { Slots } from '../optim/slots'
import { copies, meanOfCopies } from './replicas'
import type { TrainState } from './types'

/** A state on the host. */
export interface StateArrays {
  /** [P] */
  theta: Float32Array
  /** [P] each, what the optimizer and the method keep. */
  slots: Slots<Float32Array>
  /** [S], the mean over replicas */
  batchStats: Float32Array
  /** [R·S] each replica's own, with several replicas: without them a run goes on, but not bit for bit. */
  replicaStats?: { now: Float32Array; ema?: Float32Array }
  ema?: { theta: Float32Array; batchStats: Float32Array }
  /** Completed updates. */
  step: number
}

/**
 * Uploads; the caller owns the tensors.
 * @param count sets of statistics that the state holds; without its own, every replica begins with the saved mean
 */
export function stateFromSnapshot(from: StateArrays, count = 1): TrainState {
  const stats = (own: Float32Array | undefined, mean: Float32Array) =>
    tf.tensor1d(own?.length === count * mean.length ? own : copies(mean, count))
  return {
    theta: tf.tensor1d(from.theta),
    slots: Object.fromEntries(
      Object.entries(from.slots).map(([name, values]) => [name, tf.tensor1d(values)]),
    ),
    batchStats: stats(from.replicaStats?.now, from.batchStats),
    ...(from.ema && {
      ema: {
        theta: tf.tensor1d(from.ema.theta),
        batchStats: stats(from.replicaStats?.ema, from.ema.batchStats),
      },
    }),
    step: from.step,
  }
}

/**
 * Reads the whole state. The caller keeps `state` alive until the promise settles.
 * @param statCount S
 */
export async function stateToArrays(state: TrainState, statCount: number): Promise<StateArrays> {
  // A network without batch norm has no statistics, and a device has no empty buffers to read.
  const read = async (tensor: tf.Tensor1D) =>
    tensor.size === 0 ? new Float32Array() : Float32Array.from(await readTensor(tensor))
  const now = await read(state.batchStats)
  const ema = state.ema && (await read(state.ema.batchStats))
  const theta = await read(state.theta)
  const slots: Slots<Float32Array> = {}
  for (const [name, vector] of Object.entries(state.slots)) slots[name] = await read(vector)
  return {
    theta,
    slots,
    batchStats: meanOfCopies(now, statCount),
    ...(state.ema && {
      ema: { theta: await read(state.ema.theta), batchStats: meanOfCopies(ema!, statCount) },
    }),
    ...(now.length > statCount && { replicaStats: { now, ema } }),
    step: state.step,
  }
}
