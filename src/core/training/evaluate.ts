/** Sums of loss and errors over one batch in evaluation mode; dividing by the number of examples is the caller's. */
import * as tf from '../../engine/tf'
import type { RunConfig } from '../config/schema'
import type { Network } from '../models/network'
import { crossEntropyPerExample, errorPerExample, smoothLabels, topKErrorPerExample } from './loss'
import type { DeviceBatch } from './step'

const TOP_K = 5

export type EvaluateConfig = Pick<RunConfig, 'label_smoothing' | 'compute_top_5_error_rate'>

/**
 * @returns (θ [P], statistics [S], batch, mask [N]) → [loss sum, error sum] or, with top-5, [loss, error, top-5 error]
 */
export function makeEvaluate(network: Network, config: EvaluateConfig) {
  return (theta: tf.Tensor1D, batchStats: tf.Tensor1D, batch: DeviceBatch, mask?: tf.Tensor1D): tf.Tensor1D =>
    tf.tidy(() => {
      const { logits } = network.forward(theta, batchStats, batch.images, false)
      const targets = smoothLabels(batch.labels, config.label_smoothing)
      const rows = [crossEntropyPerExample(logits, targets), errorPerExample(logits, batch.labels)]
      if (config.compute_top_5_error_rate) rows.push(topKErrorPerExample(logits, batch.labels, TOP_K))
      return tf.stack(rows.map((row) => tf.sum(mask ? tf.mul(row, mask) : row))) as tf.Tensor1D
    })
}
