/** Exponential moving average of weights and batch-norm statistics. */
import { flatProgram, number } from '../../engine/ops/flat/flat'
import type * as tf from '../../engine/tf'

/** Steps during which the average is a copy of the weights; the reference's constant. */
export const EMA_WARMUP_STEPS = 1560

/**
 * d(step) = min(decay, (1 + t)/(10 + t)) with t = step − warm-up, and 0 before the warm-up's end.
 * Differs: the reference multiplies the formula by 0 during the warm-up, which evaluated as written is 0/0 at
 * t = −10; here the warm-up never evaluates it.
 * @param step completed updates, 1 after the first
 */
export function emaDecayAt(step: number, decay: number, warmupSteps = EMA_WARMUP_STEPS): number {
  const t = step - warmupSteps
  return t < 0 ? 0 : Math.min(decay, (1 + t) / (10 + t))
}

const blended = flatProgram(
  { name: 'average', vectors: ['average', 'now'], scalars: ['d'] },
  ({ average, now, d }) => now.times(number(1).minus(d)).plus(average.times(d)),
)

/** (1 − d)·now + d·average, both [N]; d a scalar on the device. */
export function emaUpdate(average: tf.Tensor1D, now: tf.Tensor1D, decay: tf.Scalar): tf.Tensor1D {
  return blended({ average, now, d: decay })
}
