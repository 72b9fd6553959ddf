/**
 * The ascent of Sharpness-Aware Minimization: ε̂ = ρ·g/‖g‖₂.
 * Source: Foret et al. 2020 (arXiv 2010.01412), eq. 2 with p = 2.
 */
import { addDirection } from '../../engine/ops/flat/flat'
import * as tf from '../../engine/tf'
import { globalNorm } from './norm'

/**
 * Far below any norm that matters. Not smaller: the squares of a gradient below 1e-19 vanish in float32, its norm
 * reads 0, and dividing by less than this would turn such a gradient into a huge step.
 */
const TINY = 1e-12

/**
 * θ + ρ·g/‖g‖, the point whose gradient SAM descends.
 * Differs: the reference divides by the bare norm, so a zero gradient gives NaN; here it gives no perturbation.
 * @param theta [P]
 * @param gradient [P] of the whole objective, weight decay included
 * @param rho ρ, a scalar on the device so that a recorded step can be replayed with another
 */
export function perturb(theta: tf.Tensor1D, gradient: tf.Tensor1D, rho: tf.Scalar): tf.Tensor1D {
  return tf.tidy(() => addDirection(theta, gradient, rho, globalNorm(gradient), TINY))
}
