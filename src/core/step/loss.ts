/** What is averaged over the images of a batch. */
import { meanCrossEntropy } from '../../engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../engine/tf'

/**
 * - cross_entropy: −Σ y·log softmax(f)
 * - mse: ½·Σ (f − y)², the sum over classes, as in Cohen et al. 2021
 */
export const LOSSES = ['cross_entropy', 'mse'] as const
export type LossName = (typeof LOSSES)[number]

/**
 * @param logits f [N, C]
 * @param targets y [N, C]
 */
export function meanLoss(name: LossName, logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  if (name === 'cross_entropy') return meanCrossEntropy(logits, targets)
  return tf.mul(tf.sum(tf.square(tf.sub(logits, targets))), 0.5 / logits.shape[0])
}
