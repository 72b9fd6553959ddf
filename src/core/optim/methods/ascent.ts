/** What methods share: the way uphill, and what is told of an update that took it. */

import type { Value } from '../../../engine/ops/flat/expression'
import { formula } from '../../../engine/ops/flat/formula'
import type * as tf from '../../../engine/tf'
import type { Gradient, MethodResult, VectorMath } from './method'

/**
 * Far below any norm that matters. Not smaller: the squares of a gradient below 1e-19 vanish in float32, its norm
 * reads 0, and dividing by less than this would turn such a gradient into a huge step.
 */
export const TINY = 1e-12

const perturb = formula(
  { name: 'perturb', vectors: ['theta', 'g'], scalars: ['rho', 'norm'] },
  ({ theta, g, rho, norm }, tiny) => theta.plus(g.times(rho.over(norm.atLeast(tiny)))),
)

/**
 * θ + ρ·g/‖g‖, the point whose gradient SAM descends.
 * Source: Foret et al. 2020 (arXiv 2010.01412), eq. 2 with p = 2.
 * Differs: the reference divides by the bare norm, so a zero gradient gives NaN; here it gives no perturbation.
 * @param theta [P]
 * @param g [P] gradient of the whole objective, weight decay included, in any scale
 * @param rho ρ, a scalar on the device so that a recorded step can be replayed with another
 * @param norm ‖g‖, where the caller has it
 */
export function ascend(
  math: VectorMath,
  theta: tf.Tensor1D,
  g: tf.Tensor1D,
  rho: tf.Scalar,
  norm = math.norm(g),
): tf.Tensor1D {
  return math.apply(perturb, { theta, g, rho, norm }, TINY)
}

/** c·ρ·u/‖u‖ */
export const stride = formula(
  { name: 'stride', vectors: ['u'], scalars: ['rho', 'norm'] },
  ({ u, rho, norm }, c) => u.times(rho.times(c).over(norm.atLeast(TINY))),
)

/** a without its part along b: a − (⟨a, b⟩/‖b‖²)·b. */
export function across(a: Value, b: Value, dot: Value, normOfB: Value): Value {
  const bounded = normOfB.atLeast(TINY)
  return a.minus(b.times(dot.over(bounded.times(bounded))))
}

/** What is told where L(θ) and the statistics are the clean pass's, and all else the last one's. */
export function perturbedBy(clean: Gradient, used: Gradient): MethodResult {
  return { ...used, loss: clean.loss, perturbedLoss: used.loss, batchStats: clean.batchStats }
}
