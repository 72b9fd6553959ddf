/** A training state to plain arrays and back: what checkpoints, exports and resumed runs are made of. */
import * as tf from '../../engine/tf'
import type { RunSnapshot } from './sessionTypes'
import type { TrainState } from './types'

type StateArrays = Pick<RunSnapshot, 'theta' | 'momentum' | 'meanSquare' | 'batchStats' | 'ema' | 'step'>

/** Uploads; the caller owns the tensors. */
export function stateFromSnapshot(from: StateArrays): TrainState {
  return {
    theta: tf.tensor1d(from.theta),
    momentum: tf.tensor1d(from.momentum),
    ...(from.meanSquare && { meanSquare: tf.tensor1d(from.meanSquare) }),
    batchStats: tf.tensor1d(from.batchStats),
    ...(from.ema && {
      ema: { theta: tf.tensor1d(from.ema.theta), batchStats: tf.tensor1d(from.ema.batchStats) },
    }),
    step: from.step,
  }
}

/** Reads the whole state. The caller keeps `state` alive until the promise settles. */
export async function stateToArrays(state: TrainState): Promise<StateArrays> {
  // A network without batch norm has no statistics, and a device has no empty buffers to read.
  const read = async (tensor: tf.Tensor1D) =>
    tensor.size === 0 ? new Float32Array() : Float32Array.from(await tensor.data())
  return {
    theta: await read(state.theta),
    momentum: await read(state.momentum),
    ...(state.meanSquare && { meanSquare: await read(state.meanSquare) }),
    batchStats: await read(state.batchStats),
    ...(state.ema && {
      ema: { theta: await read(state.ema.theta), batchStats: await read(state.ema.batchStats) },
    }),
    step: state.step,
  }
}
