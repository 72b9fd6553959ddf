/** Runs the shipped training step over a golden's batches. */

import type { Network } from '../../src/core/models/network'
import type { Slots } from '../../src/core/optim/slots'
import { createTrainState, disposeState } from '../../src/core/step/state'
import { makeTrainStep, unpackStepMetrics } from '../../src/core/step/step'
import type { DeviceBatch, StepHyper, TrainState } from '../../src/core/step/types'
import * as tf from '../../src/engine/tf'
import { Unsupported } from './checks'
import type { GoldenTensor } from './golden'
import { labelRows, row } from './vectors'

/** Numbers of one step under the reference's names. */
export interface StepNumbers {
  train_loss: number
  train_error_rate: number
  gradient_norm: number
  param_norm: number
}

/** A state's vectors on this side of the device. */
export interface StateArrays {
  theta: Float32Array
  /** What the optimizer keeps, by name. */
  slots: Slots<Float32Array>
  /** [R·S] */
  batchStats: Float32Array
  ema?: { theta: Float32Array; batchStats: Float32Array }
}

export interface Replay {
  network: Network
  hyper: StepHyper
  theta: Float32Array
  batchStats: Float32Array
  rates: readonly number[]
  batch(step: number): DeviceBatch
  /** Called after every step. */
  after(step: number, numbers: StepNumbers, state: TrainState): Promise<void>
}

/** Every tensor is freed when it resolves, the batches that `batch` makes too. */
export async function replay({
  network,
  hyper,
  theta,
  batchStats,
  rates,
  batch,
  after,
}: Replay): Promise<void> {
  const train = makeTrainStep(network, hyper)
  let state = createTrainState(network, hyper, theta, batchStats)
  try {
    for (let step = 0; step < rates.length; step++) {
      const here = batch(step)
      const result = train(state, here, { learningRate: rates[step] })
      tf.dispose([here.images, here.labels])
      disposeState(state)
      state = result.state
      const { loss, perturbedLoss, errorRate, gradientNorm, paramNorm } = unpackStepMetrics(
        await result.metrics.data(),
      )
      result.metrics.dispose()
      // The reference logs the loss of the logits that it keeps: under SAM those of the second pass.
      const numbers = {
        train_loss: hyper.sam_rho > 0 ? perturbedLoss : loss,
        train_error_rate: errorRate,
        gradient_norm: gradientNorm,
        param_norm: paramNorm,
      }
      await after(step, numbers, state)
    }
  } finally {
    disposeState(state)
    train.dispose()
  }
}

export async function stateArrays(state: TrainState): Promise<StateArrays> {
  const read = async (tensor: tf.Tensor1D) => (await tensor.data()) as Float32Array
  const slots: Slots<Float32Array> = {}
  for (const [name, vector] of Object.entries(state.slots)) slots[name] = await read(vector)
  return {
    theta: await read(state.theta),
    slots,
    batchStats: await read(state.batchStats),
    ema: state.ema && {
      theta: await read(state.ema.theta),
      batchStats: await read(state.ema.batchStats),
    },
  }
}

/** Batch `step` of images [steps, n, H, W, C] and labels [steps, n] (classes) or [steps, n, classes] (rows). */
export function batchAt(
  { images, labels }: { images: GoldenTensor; labels: GoldenTensor },
  step: number,
  classes: number,
): DeviceBatch {
  if (images.shape.length !== 5) throw new Unsupported(`images: [steps, n, H, W, C], got [${images.shape}]`)
  if (step >= images.shape[0]) throw new Unsupported(`step ${step}: there are ${images.shape[0]} batches`)
  const [n, height, width, channels] = images.shape.slice(1)
  return {
    images: tf.tensor4d(row(images, step), [n, height, width, channels]),
    labels: tf.tensor2d(labelRows(row(labels, step), n, classes), [n, classes]),
  }
}
