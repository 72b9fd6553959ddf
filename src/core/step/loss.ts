/** The losses there are (config/losses.ts), as functions of logits f and targets y, both [N, C]. */
import { crossEntropyPerExample, meanCrossEntropy } from '../../engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../engine/tf'
import type { LossName } from '../config/losses'

/** Mean over the images. */
export function meanLoss(name: LossName, logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  if (name === 'cross_entropy') return meanCrossEntropy(logits, targets)
  return tf.mul(tf.sum(tf.square(tf.sub(logits, targets))), 0.5 / logits.shape[0])
}

/** [N] */
export function lossPerExample(name: LossName, logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  if (name === 'cross_entropy') return crossEntropyPerExample(logits, targets)
  return tf.mul(tf.sum(tf.square(tf.sub(logits, targets)), 1), 0.5)
}

/** The loss of who gives every class the same share, whatever the image: what a network that knows nothing has. */
export const guessingLoss = (name: LossName, numClasses: number): number =>
  name === 'cross_entropy' ? Math.log(numClasses) : 0.5 * (1 - 1 / numClasses)
