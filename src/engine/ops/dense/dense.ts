/**
 * A dense layer and the activation after it as one op. On WebAssembly and WebGPU's CPU adapters it is a kernel forwards and one for each
 * gradient; elsewhere, and where second derivatives are taken, a composition of tfjs ops.
 */

import { isCpuAdapter } from '../../device/adapter'
import * as tf from '../../tf'
import { canFuse, canRun, differentiable, runFused } from '../../tf/kernels'
import { halfConvolution } from '../convolution/convolve'
import { gate } from '../flat/gate'
import { gradientScale, inHalves, takesHalves } from '../halves/halves'
import { onePixel } from '../matMul/calls'
import { type Backend, subgroupSize } from '../shared/program'

/** Kernel names: y, dx, dW. */
export const DENSE = 'BasinDense'
export const DENSE_INPUT = 'BasinDenseInput'
export const DENSE_WEIGHTS = 'BasinDenseWeights'

export type DenseActivation = 'none' | 'relu'

/** x [rows, depth], w [depth, columns]; operands in halves do not tell their shapes. */
export interface DenseSizes {
  rows: number
  depth: number
  columns: number
}

/** Whether the kernels are what the device wants, and can run there. On a GPU workgroup memory is faster. */
function suitsDense(): boolean {
  if (tf.getBackend() !== 'webgpu') return true
  const backend = tf.backend() as Backend
  return isCpuAdapter(backend.device.adapterInfo) && subgroupSize(backend) >= 4
}

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
  if (canDense(x, w, bias)) {
    const sizes = { rows: x.shape[0], depth: x.shape[1], columns: w.shape[1] }
    const y = takesHalves(x, w)
      ? halfDense(x, w, bias, sizes, activation)
      : (runFused(DENSE, { x, w, bias }, { sizes, activation })[0] as tf.Tensor2D)
    return activation === 'relu' ? withGate(y) : y
  }
  const product = takesHalves(x, w) ? halfMatMul(x, w) : tf.matMul(x, w)
  const z = tf.add(product, bias) as tf.Tensor2D
  return activation === 'relu' ? tf.relu(z) : z
}

/** In halves no second derivative is taken; on cpu there is no kernel. */
const canDense = (x: tf.Tensor2D, w: tf.Tensor2D, bias: tf.Tensor1D): boolean =>
  (takesHalves(x, w) ? canFuse : canRun)(DENSE, x, w, bias) && suitsDense()

/** As DENSE, with x and w in halves, also in what is kept for the gradients. */
function halfDense(
  x: tf.Tensor2D,
  w: tf.Tensor2D,
  bias: tf.Tensor1D,
  sizes: DenseSizes,
  activation: DenseActivation,
): tf.Tensor2D {
  const run = (name: string, inputs: tf.NamedTensorMap, shape: number[]) =>
    tf.reshape(runFused(name, inputs, { sizes, activation })[0], shape)
  return differentiable(
    { x, bias, w },
    (save) => {
      const [a, b] = [inHalves(x), inHalves(w)]
      save([a, b])
      return [run(DENSE, { x: a, w: b, bias }, [sizes.rows, sizes.columns])]
    },
    ([dy], [a, b]) => {
      const d = inHalves(dy, gradientScale(onePixel(sizes.rows, 1, 1)))
      return {
        x: () => run(DENSE_INPUT, { dy: d, w: b }, x.shape),
        bias: () => tf.sum(dy, 0),
        w: () => {
          const dw = run(DENSE_WEIGHTS, { x: a, dy: d }, w.shape)
          d.dispose()
          return dw
        },
      }
    },
  )[0] as tf.Tensor2D
}

/** x·w as a convolution of one-pixel images, by whatever kernel is chosen for those. */
function halfMatMul(x: tf.Tensor2D, w: tf.Tensor2D): tf.Tensor2D {
  const [rows, depth] = x.shape
  const columns = w.shape[1]
  const images = tf.reshape(x, [rows, 1, 1, depth]) as tf.Tensor4D
  const filter = tf.reshape(w, [1, 1, depth, columns]) as tf.Tensor4D
  return tf.reshape(halfConvolution(images, filter, onePixel(rows, depth, columns)), [rows, columns])
}

/**
 * y itself, y = relu(z); its gradient is relu's. The op that made y is then differentiated as if it had made z: so the
 * gated gradient, which dW, dx and the bias's all need, is computed once.
 */
function withGate(y: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [value, save] = args as [tf.Tensor2D, tf.GradSaveFunc]
    save([value])
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]): tf.Tensor => gate(dy, saved)
    return { value: tf.clone(value), gradFunc }
  })
  return op(y) as tf.Tensor2D
}

const DENSE_GRADIENT: tf.GradConfig = {
  kernelName: DENSE,
  inputsToSave: ['x', 'w'],
  gradFunc: (dy, [x, w], attrs) => {
    const d = dy as tf.Tensor2D
    return {
      x: () => runFused(DENSE_INPUT, { dy: d, w }, attrs)[0],
      w: () => runFused(DENSE_WEIGHTS, { x, dy: d }, attrs)[0],
      bias: () => tf.sum(d, 0),
    }
  },
}

/** x·w without bias, by the same kernel. */
const product = (x: tf.Tensor, w: tf.Tensor, sizes: DenseSizes): tf.Tensor =>
  runFused(DENSE, { x, w, bias: tf.zeros([sizes.columns]) }, { sizes, activation: 'none' })[0]

/** dx = dy·Wᵀ:  ∂/∂dy = v·W,  ∂/∂W = vᵀ·dy */
const INPUT_GRADIENT: tf.GradConfig = {
  kernelName: DENSE_INPUT,
  inputsToSave: ['dy', 'w'],
  gradFunc: (v, [dy, w], attrs) => {
    const { sizes } = attrs as unknown as { sizes: DenseSizes }
    const x = v as tf.Tensor
    return {
      dy: () => product(x, w, sizes),
      w: () => runFused(DENSE_WEIGHTS, { x, dy }, attrs)[0],
    }
  },
}

/** dW = xᵀ·dy:  ∂/∂x = dy·vᵀ,  ∂/∂dy = x·v */
const WEIGHTS_GRADIENT: tf.GradConfig = {
  kernelName: DENSE_WEIGHTS,
  inputsToSave: ['x', 'dy'],
  gradFunc: (v, [x, dy], attrs) => {
    const { sizes } = attrs as unknown as { sizes: DenseSizes }
    const w = v as tf.Tensor
    return {
      x: () => runFused(DENSE_INPUT, { dy, w }, attrs)[0],
      dy: () => product(x, w, sizes),
    }
  },
}

export const gradients = [DENSE_GRADIENT, INPUT_GRADIENT, WEIGHTS_GRADIENT]
