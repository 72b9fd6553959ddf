/** Sums of loss and errors over one batch in evaluation mode; dividing by the number of examples is the caller's. */
import { type CaptureReport, capture } from '../../engine/capture/capture'
import {
  errorPerExample,
  evaluationSums,
  maskedSum,
  smoothLabels,
  topKErrorPerExample,
} from '../../engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../engine/tf'
import type { RunConfig } from '../config/schema'
import type { Network } from '../models/network'
import { lossPerExample } from '../step/loss'
import type { DeviceBatch } from '../step/types'

const TOP_K = 5

export type EvaluateConfig = Pick<RunConfig, 'label_smoothing' | 'compute_top_5_error_rate'> &
  Partial<Pick<RunConfig, 'loss'>>

interface EvaluateInput {
  theta: tf.Tensor1D
  batchStats: tf.Tensor1D
  batch: DeviceBatch
  mask?: tf.Tensor1D
}

export interface Evaluate {
  /**
   * @param theta [P]
   * @param batchStats [S]
   * @param mask [N]
   * @returns [loss sum, error sum] or, with top-5, [loss, error, top-5 error]
   */
  (theta: tf.Tensor1D, batchStats: tf.Tensor1D, batch: DeviceBatch, mask?: tf.Tensor1D): tf.Tensor1D
  /** Makes known what it runs on such a batch; computes nothing. */
  record(theta: tf.Tensor1D, batchStats: tf.Tensor1D, batch: DeviceBatch): void
  /** What its recordings hold on the device. */
  report(): CaptureReport
  /** Frees what it keeps on the device. */
  dispose(): void
}

export function makeEvaluate(network: Network, config: EvaluateConfig): Evaluate {
  const run = capture(({ theta, batchStats, batch, mask }: EvaluateInput) => {
    const { logits } = network.forward(theta, batchStats, batch.images, false)
    const sums = sumsOf(config, logits, batch.labels, mask)
    if (!config.compute_top_5_error_rate) return sums
    const top5 = maskedSum(topKErrorPerExample(logits, batch.labels, TOP_K), mask)
    return tf.concat1d([sums, tf.reshape(top5, [1])])
  })
  const evaluate = (...[theta, batchStats, batch, mask]: Parameters<Evaluate>) =>
    run({ theta, batchStats, batch, mask })
  const record = (...[theta, batchStats, batch]: Parameters<Evaluate['record']>) =>
    run.record({ theta, batchStats, batch })
  return Object.assign(evaluate, { record, report: run.report, dispose: run.dispose })
}

/** Of loss and errors, [2]: one kernel for cross-entropy where the device has it. */
function sumsOf(
  { loss = 'cross_entropy', label_smoothing }: EvaluateConfig,
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  mask: tf.Tensor1D | undefined,
): tf.Tensor1D {
  if (loss === 'cross_entropy') return evaluationSums(logits, labels, label_smoothing, mask)
  const rows = [
    lossPerExample(loss, logits, smoothLabels(labels, label_smoothing)),
    errorPerExample(logits, labels),
  ]
  return tf.stack(rows.map((row) => maskedSum(row, mask))) as tf.Tensor1D
}
