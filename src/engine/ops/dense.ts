/**
 * A dense layer and the activation after it as one op. On WebGPU's CPU adapters it is a kernel forwards and one for each
 * gradient; elsewhere, and where second derivatives are taken, a composition of tfjs ops.
 */
import { type DenseActivation, suitsDense } from '../kernels/webgpu/dense'
import type { Backend } from '../kernels/webgpu/program'
import * as tf from '../tf'
import { FLAT } from './flat'
import { canFuse, runFused } from './fused'

export type { DenseActivation }

/** Kernel names: y, dx, dW. */
export const DENSE = 'BasinDense'
export const DENSE_INPUT = 'BasinDenseInput'
export const DENSE_WEIGHTS = 'BasinDenseWeights'

/**
 * act(x·w + bias); relu′(0) = 0.
 * @param x [N, I]
 * @param w [I, O]
 * @param bias [O]
 */
export function denseAct(
  x: tf.Tensor2D,
  w: tf.Tensor2D,
  bias: tf.Tensor1D,
  activation: DenseActivation,
): tf.Tensor2D {
  if (canFuse(DENSE, x, w, bias) && suitsDense(tf.backend() as Backend)) {
    const y = runFused(DENSE, { x, w, bias }, { activation })[0] as tf.Tensor2D
    return activation === 'relu' ? withGate(y) : y
  }
  const z = tf.add(tf.matMul(x, w), bias) as tf.Tensor2D
  return activation === 'relu' ? tf.relu(z) : z
}

/**
 * y itself, y = relu(z); its gradient is relu's. The op that made y is then differentiated as if it had made z: so the
 * gated gradient, which dW, dx and the bias's all need, is computed once.
 */
function withGate(y: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [value, save] = args as [tf.Tensor2D, tf.GradSaveFunc]
    save([value])
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
      runFused(FLAT, { dy, y: saved }, { name: 'gate', constant: 0 })[0]
    return { value: tf.clone(value), gradFunc }
  })
  return op(y) as tf.Tensor2D
}

tf.registerGradient({
  kernelName: DENSE,
  inputsToSave: ['x', 'w'],
  gradFunc: (dy, [x, w]) => {
    const d = dy as tf.Tensor2D
    return {
      x: () => runFused(DENSE_INPUT, { dy: d, w })[0],
      w: () => runFused(DENSE_WEIGHTS, { x, dy: d })[0],
      bias: () => tf.sum(d, 0),
    }
  },
})
