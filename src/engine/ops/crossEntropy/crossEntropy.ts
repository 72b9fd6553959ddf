/** The loss's kernels as ops; what they do not take (other backends, second derivatives) is the caller's. */
import * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'

export const CROSS_ENTROPY = 'BasinCrossEntropy'
export const ERRORS = 'BasinErrors'
export const EVALUATION_SUMS = 'BasinEvaluationSums'

/** Mean over rows of −Σ y·log softmax(z); undefined where there is no kernel. Gradient with respect to z. */
export function fusedMeanCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar | undefined {
  if (!canFuse(CROSS_ENTROPY, logits, targets)) return undefined
  const op = tf.customGrad((...args) => {
    const [z, save] = args as [tf.Tensor2D, tf.GradSaveFunc]
    const [rows, residual] = runFused(CROSS_ENTROPY, { logits: z, targets })
    save([residual])
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0], dy)
    return { value: tf.mean(rows), gradFunc }
  })
  return op(logits) as tf.Scalar
}

/** 1 where the first maxima of logits and labels [N, C] lie apart, [N]; undefined where there is no kernel. */
export function fusedErrors(logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor1D | undefined {
  return canFuse(ERRORS, logits, labels)
    ? (runFused(ERRORS, { logits, labels })[0] as tf.Tensor1D)
    : undefined
}

/**
 * Sums over the rows where `mask` is 1 (all without one) of the cross-entropy and of the errors, [2]; undefined where
 * there is no kernel. No gradient.
 */
export function fusedEvaluationSums(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  smoothing: number,
  mask?: tf.Tensor1D,
): tf.Tensor1D | undefined {
  const inputs = { logits, labels, ...(mask && { mask }) }
  if (tf.engine().state.gradientDepth > 0 || !canFuse(EVALUATION_SUMS, ...Object.values(inputs)))
    return undefined
  return runFused(EVALUATION_SUMS, inputs, { smoothing })[0] as tf.Tensor1D
}
