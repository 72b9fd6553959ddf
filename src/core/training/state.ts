/** Making, copying and freeing the tensors of a TrainState. */
import * as tf from '../../engine/tf'
import type { RunConfig } from '../config/schema'
import type { Network } from '../models/network'
import { copies, statCopies } from './replicas'
import type { TrainState } from './types'

/**
 * The state before the first step: momentum zero, mean square ONE, the average a copy of the weights.
 * @param theta [P]
 * @param batchStats [S]; every replica begins with its own copy
 */
export function createTrainState(
  network: Pick<Network, 'params' | 'crossReplica'>,
  config: Pick<RunConfig, 'use_rmsprop' | 'ema_decay'> & Partial<Pick<RunConfig, 'num_replicas'>>,
  theta: Float32Array,
  batchStats: Float32Array,
): TrainState {
  const size = network.params.size
  const stats = copies(batchStats, statCopies(network, config.num_replicas ?? 1))
  return {
    theta: tf.tensor1d(theta, 'float32'),
    momentum: tf.tensor1d(new Float32Array(size), 'float32'),
    meanSquare: config.use_rmsprop ? tf.tensor1d(new Float32Array(size).fill(1), 'float32') : undefined,
    batchStats: tf.tensor1d(stats, 'float32'),
    ema:
      config.ema_decay > 0
        ? { theta: tf.tensor1d(theta, 'float32'), batchStats: tf.tensor1d(stats, 'float32') }
        : undefined,
    step: 0,
  }
}

/** Every tensor of a state. */
export function stateTensors(state: TrainState): tf.Tensor1D[] {
  const { theta, momentum, meanSquare, batchStats, ema } = state
  return [
    theta,
    momentum,
    batchStats,
    ...(meanSquare ? [meanSquare] : []),
    ...(ema ? [ema.theta, ema.batchStats] : []),
  ]
}

export function disposeState(state: TrainState): void {
  tf.dispose(stateTensors(state))
}

/** Another handle on the same values; no data is copied. Both must be disposed. */
export function cloneState(state: TrainState): TrainState {
  const { theta, momentum, meanSquare, batchStats, ema, step } = state
  return {
    theta: tf.clone(theta),
    momentum: tf.clone(momentum),
    meanSquare: meanSquare && tf.clone(meanSquare),
    batchStats: tf.clone(batchStats),
    ema: ema && { theta: tf.clone(ema.theta), batchStats: tf.clone(ema.batchStats) },
    step,
  }
}
