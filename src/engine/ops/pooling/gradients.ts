/**
 * Gradients of pooling's gradients: it is linear in dy, so they are the same pooling of v, average or by the same
 * maxima. And that of the shortcut.
 */
import * as tf from '../../tf'
import { runFused } from '../../tf/kernels'
import { SHORTCUT, SHORTCUT_GRADIENT } from './pooling'

/** v, read at the first maximum of every window of x: MAX_POOL_READ(v, x) → like the pool's result. */
export const MAX_POOL_READ = 'BasinMaxPoolRead'

const AVG_POOL_GRAD: tf.GradConfig = {
  kernelName: tf.AvgPoolGrad,
  inputsToSave: ['input'],
  gradFunc: (v, [input], attrs) => ({
    dy: () => runFused(tf.AvgPool, { x: v as tf.Tensor }, { ...attrs, dimRoundingMode: null })[0],
    input: () => tf.zerosLike(input),
  }),
}

const MAX_POOL_GRAD: tf.GradConfig = {
  kernelName: tf.MaxPoolGrad,
  inputsToSave: ['input', 'output'],
  gradFunc: (v, [x, output], attrs) => ({
    dy: () => readAtMaxima(v as tf.Tensor4D, x as tf.Tensor4D, attrs as unknown as tf.MaxPoolGradAttrs),
    // Where the maxima lie does not change with a small change of x.
    input: () => tf.zerosLike(x),
    output: () => tf.zerosLike(output),
  }),
}

function readAtMaxima(v: tf.Tensor4D, x: tf.Tensor4D, attrs: tf.MaxPoolGradAttrs): tf.Tensor {
  if (tf.getKernel(MAX_POOL_READ, tf.getBackend())) return runFused(MAX_POOL_READ, { v, x }, attrs)[0]
  const { filterSize, strides, pad } = attrs
  const { result, indexes } = tf.maxPoolWithArgmax(x, filterSize, strides, pad as 'same', true) as {
    result: tf.Tensor4D
    indexes: tf.Tensor4D
  }
  return tf.reshape(tf.gather(tf.reshape(v, [v.size]), tf.reshape(indexes, [indexes.size])), result.shape)
}

const SHORTCUT_GRAD: tf.GradConfig = {
  kernelName: SHORTCUT,
  gradFunc: (dy, _, attrs) => ({
    x: () => tf.clone(dy as tf.Tensor),
    residual: () => runFused(SHORTCUT_GRADIENT, { dy: dy as tf.Tensor }, attrs)[0],
  }),
}

export const gradients = [AVG_POOL_GRAD, MAX_POOL_GRAD, SHORTCUT_GRAD]
