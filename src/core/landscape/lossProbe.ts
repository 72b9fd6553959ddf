/**
 * Measures loss and error of given weights on a fixed subset of the training images, labels as trained on, in
 * evaluation mode: the run's loss with its label smoothing, without weight decay. The images are uploaded once
 * and stay on the device for the whole slice.
 */

import * as tf from '../../engine/tf'
import { tune } from '../../engine/tuning/tune'
import type { LossName } from '../config/losses'
import type { RunConfig } from '../config/schema'
import type { BatchPool } from '../data/batches/batchFeed'
import type { Dataset } from '../data/dataset'
import { type Evaluate, makeEvaluate } from '../evaluation/evaluate'
import { evaluationBatch } from '../evaluation/evaluationBatch'
import type { Network } from '../models/network'
import { disposeBatch, uploadAll } from '../queue/deviceBatch'
import type { DeviceBatch } from '../step/types'

/** Images a pass, where the network allows it. */
export const PASS = 500

export class LossProbe {
  readonly #evaluate: Evaluate

  private constructor(
    /** Images. */
    readonly count: number,
    readonly dataset: Dataset,
    readonly loss: LossName,
    /** Borrowed. */
    readonly batches: readonly DeviceBatch[],
    evaluate: Evaluate,
  ) {
    this.#evaluate = evaluate
  }

  /** @param indices which training images @param pool threads that decode and resize them; absent: here */
  static async open(
    network: Network,
    config: RunConfig,
    dataset: Dataset,
    indices: Uint32Array,
    pool?: BatchPool,
  ): Promise<LossProbe> {
    const size = evaluationBatch(network, PASS)
    const batches = await uploadAll(dataset, 'train', size, indices, pool)
    return new LossProbe(indices.length, dataset, config.loss, batches, makeEvaluate(network, config))
  }

  /** Chooses kernels for the first `sums`, where they are chosen by timing. Arguments as there; nothing is computed. */
  async chooseKernels(theta: tf.Tensor1D, batchStats: tf.Tensor1D): Promise<void> {
    await tune(() => {
      for (const batch of this.batches) this.#evaluate.record(theta, batchStats, batch)
    })
  }

  /**
   * @param theta [P]
   * @param batchStats [S]
   * @returns sums over all images on the device, as `evaluate` packs them: [0] loss, [1] errors. Caller disposes.
   */
  sums(theta: tf.Tensor1D, batchStats: tf.Tensor1D): tf.Tensor1D {
    return tf.tidy(() =>
      this.batches
        .map((batch) => this.#evaluate(theta, batchStats, batch))
        .reduce((total, sums) => tf.add(total, sums) as tf.Tensor1D),
    )
  }

  dispose(): void {
    this.#evaluate.dispose()
    this.batches.forEach(disposeBatch)
  }
}
