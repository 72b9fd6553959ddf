/**
 * Cross-entropy and error rates on logits, as the reference defines them: on WebGPU a kernel each, elsewhere and where
 * second derivatives are taken compositions of tfjs ops.
 */
import * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'

/** Kernel names. */
export const CROSS_ENTROPY = 'BasinCrossEntropy'
export const ERRORS = 'BasinErrors'
export const EVALUATION_SUMS = 'BasinEvaluationSums'

/** (1 − e)·y + e/C. Source: Szegedy et al. 2016, §7. `labels` [N, C]. */
export function smoothLabels(labels: tf.Tensor2D, smoothing: number): tf.Tensor2D {
  if (smoothing === 0) return labels
  return tf.add(tf.mul(labels, 1 - smoothing), smoothing / labels.shape[1])
}

type RowGradient = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor

/**
 * −Σ y·log softmax(z) for every example, written as Σ y·(logΣexp(z) − z), with the gradient (p·Σy − y).
 * Both gradients here are made from their saved inputs, so that they can be differentiated again: tfjs's own, which
 * are made from saved outputs, lose a term of the second derivative.
 * @param logits [N, C]
 * @param targets [N, C], rows that sum to anything
 * @returns [N]
 */
export function crossEntropyPerExample(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  const op = tf.customGrad((...args) => {
    const [z, save] = args as [tf.Tensor2D, tf.GradSaveFunc]
    save([z, targets])
    const value = tf.tidy(() => tf.sum(tf.mul(targets, tf.sub(logSumExp(z), z)), 1))
    const gradFunc: RowGradient = (dy, [savedLogits, savedTargets]) => {
      const mass = tf.sum(savedTargets, 1, true)
      const residual = tf.sub(tf.mul(softmax(savedLogits as tf.Tensor2D), mass), savedTargets)
      return tf.mul(residual, tf.expandDims(dy, 1))
    }
    return { value, gradFunc }
  })
  return op(logits) as tf.Tensor1D
}

/** Mean of −Σ y·log softmax(z) over the batch: one kernel with its gradient where the device has it. */
export function meanCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return fusedMeanCrossEntropy(logits, targets) ?? tf.mean(crossEntropyPerExample(logits, targets))
}

/** Rows of probabilities p; gradient p ⊙ (dy − Σ dy ⊙ p). */
function softmax(logits: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [z, save] = args as [tf.Tensor2D, tf.GradSaveFunc]
    save([z])
    const value = tf.tidy(() => tf.exp(tf.sub(z, logSumExp(z))))
    const gradFunc: RowGradient = (dy, [savedLogits]) => {
      const p = softmax(savedLogits as tf.Tensor2D)
      return tf.mul(p, tf.sub(dy, tf.sum(tf.mul(dy, p), 1, true)))
    }
    return { value, gradFunc }
  })
  return op(logits) as tf.Tensor2D
}

/** [N, C] → [N, 1] */
function logSumExp(z: tf.Tensor2D): tf.Tensor2D {
  const highest = tf.max(z, 1, true)
  return tf.add(tf.log(tf.sum(tf.exp(tf.sub(z, highest)), 1, true)), highest)
}

/**
 * Mean over the examples whose mask is 1 (all, without a mask); an empty mask gives 0.
 * @param values [N]
 * @param mask [N]
 */
export function maskedMean(values: tf.Tensor1D, mask?: tf.Tensor1D): tf.Scalar {
  if (!mask) return tf.mean(values)
  return tf.divNoNan(tf.sum(tf.mul(values, mask)), tf.sum(mask))
}

/** 1 where the likeliest class is not the label's (first maximum on both sides), [N] float32. */
export function errorPerExample(logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor1D {
  const fused = fusedErrors(logits, labels)
  return fused ?? tf.cast(tf.notEqual(tf.argMax(logits, 1), tf.argMax(labels, 1)), 'float32')
}

/**
 * 1 where k or more classes are likelier than the label’s, so that it is not among the k likeliest; [N] float32.
 * Differs: the reference's top-5 error broadcasts [N, 1] with [N] and is wrong (a perfect batch of 4 gives −3).
 */
export function topKErrorPerExample(logits: tf.Tensor2D, labels: tf.Tensor2D, k: number): tf.Tensor1D {
  const trueClass = tf.oneHot(tf.argMax(labels, 1), labels.shape[1])
  const trueLogit = tf.sum(tf.mul(logits, tf.cast(trueClass, 'float32')), 1, true)
  const better = tf.sum(tf.cast(tf.greater(logits, trueLogit), 'float32'), 1)
  return tf.cast(tf.greaterEqual(better, k), 'float32') as tf.Tensor1D
}

/** Σ cross-entropy with smoothed labels and Σ errors over the rows whose mask is 1 (all without a mask), [2]. */
export function evaluationSums(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  smoothing: number,
  mask?: tf.Tensor1D,
): tf.Tensor1D {
  const fused = fusedEvaluationSums(logits, labels, smoothing, mask)
  if (fused) return fused
  const rows = [
    crossEntropyPerExample(logits, smoothLabels(labels, smoothing)),
    errorPerExample(logits, labels),
  ]
  return tf.stack(rows.map((row) => maskedSum(row, mask))) as tf.Tensor1D
}

/** Sum over the examples whose mask is 1 (all without a mask). */
export function maskedSum(values: tf.Tensor1D, mask?: tf.Tensor1D): tf.Scalar {
  return tf.sum(mask ? tf.mul(values, mask) : values)
}

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
