/** Making, copying and freeing the tensors of a TrainState. */
import * as tf from '../../engine/tf'
import type { Network } from '../models/network'
import { type MethodSettings, methodOf } from '../optim/methods'
import type { Optimizer } from '../optim/optimizers/optimizer'
import { eachSlot, type Slot } from '../optim/slots'
import { copies, statCopies } from './replicas'
import type { StepHyper, TrainState } from './types'

/** What the optimizer and the method of a run keep. */
export function slotsOf(run: MethodSettings & { optimizer: Optimizer }): readonly Slot[] {
  return [...run.optimizer.slots, ...methodOf(run).slots]
}

/**
 * The state before the first step: every slot at its initial value, the average a copy of the weights.
 * @param theta [P]
 * @param batchStats [S]; every replica begins with its own copy
 */
export function createTrainState(
  network: Pick<Network, 'params' | 'crossReplica'>,
  hyper: MethodSettings & Pick<StepHyper, 'optimizer' | 'emaDecay' | 'replicas'>,
  theta: Float32Array,
  batchStats: Float32Array,
): TrainState {
  const { size } = network.params
  const stats = copies(batchStats, statCopies(network, hyper.replicas?.count ?? 1))
  const average = () => ({ theta: tf.tensor1d(theta, 'float32'), batchStats: tf.tensor1d(stats, 'float32') })
  return {
    theta: tf.tensor1d(theta, 'float32'),
    slots: eachSlot(slotsOf(hyper), ({ initial }) =>
      tf.tensor1d(new Float32Array(size).fill(initial), 'float32'),
    ),
    batchStats: tf.tensor1d(stats, 'float32'),
    ema: hyper.emaDecay > 0 ? average() : undefined,
    step: 0,
  }
}

/** Every tensor of a state. */
export function stateTensors({ theta, slots, batchStats, ema }: TrainState): tf.Tensor1D[] {
  return [theta, ...Object.values(slots), batchStats, ...(ema ? [ema.theta, ema.batchStats] : [])]
}

export function disposeState(state: TrainState): void {
  tf.dispose(stateTensors(state))
}

/** Another handle on the same values; no data is copied. Both must be disposed. */
export function cloneState({ theta, slots, batchStats, ema, step }: TrainState): TrainState {
  return {
    theta: tf.clone(theta),
    slots: Object.fromEntries(Object.entries(slots).map(([name, vector]) => [name, tf.clone(vector)])),
    batchStats: tf.clone(batchStats),
    ema: ema && { theta: tf.clone(ema.theta), batchStats: tf.clone(ema.batchStats) },
    step,
  }
}
