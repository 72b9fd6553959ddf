/**
 * Exact products with the Hessian of a loss, by differentiating ⟨∇L(θ), v⟩: two backward passes, no step size.
 * Differs from finite differences of gradients: those are wrong in float32 wherever a step crosses a ReLU's kink.
 * Source: Pearlmutter 1994, "Fast exact multiplication by the Hessian".
 */
import * as tf from '../../engine/tf'

/** A loss of flat weights [P], differentiable twice. */
export type LossOfTheta = (theta: tf.Tensor1D) => tf.Scalar

/**
 * H·v = ∇⟨∇L(θ), v⟩, H the Hessian of `loss` at θ. Where the loss has kinks (ReLU, max pooling) it is that of the
 * smooth piece θ lies in.
 * @param theta [P]
 * @param v [P]
 * @returns [P]
 */
export function hessianVectorProduct(loss: LossOfTheta, theta: tf.Tensor1D, v: tf.Tensor1D): tf.Tensor1D {
  return tf.tidy(() => {
    const gradient = tf.grad(loss as (t: tf.Tensor) => tf.Tensor)
    const along = tf.grad((t: tf.Tensor) => tf.sum(tf.mul(gradient(t), v)))
    return along(theta) as tf.Tensor1D
  })
}
