/**
 * Gradients of the kernels that are gradients themselves. A convolution y = x ∗ w is linear in x and in w, and its
 * three products (forward F, with respect to the input I, to the filter W) are made of one another:
 *     W(x, dy):  ∂/∂x = I(dy, v),  ∂/∂dy = F(x, v)          I(dy, w):  ∂/∂dy = F(v, w),  ∂/∂w = W(v, dy)
 * Pooling is linear in dy: the gradient of its gradient is the same pooling of v, average or by the same maxima.
 */
import * as tf from '@tensorflow/tfjs-core'

/** v, read at the first maximum of every window of x: MAX_POOL_READ(v, x) → like the pool's result. */
export const MAX_POOL_READ = 'BasinMaxPoolRead'

const run = (kernelName: string, inputs: Record<string, tf.Tensor>, attrs: object) =>
  tf.engine().runKernel(kernelName, inputs, attrs as tf.NamedAttrMap) as tf.Tensor

type Shapes = { filterShape?: number[]; inputShape?: number[] }

/**
 * What a forward kernel of tfjs asks for and a gradient's attributes do not say: a depthwise one's not the layout, a
 * dense one's not the dilation, which is 1 wherever there is a gradient.
 */
const FORWARD = { dataFormat: 'NHWC', dilations: 1 }

interface ConvNames {
  forward: string
  input: string
  filter: string
}

/** W(x, dy): the filter's gradient, of dense and depthwise convolutions alike. */
function ofFilterGradient({ forward, input, filter }: ConvNames): tf.GradConfig {
  return {
    kernelName: filter,
    inputsToSave: ['x', 'dy'],
    gradFunc: (v, [x, dy], attrs) => {
      const { filterShape: _, ...settings } = attrs as Shapes & tf.NamedAttrMap
      const filterLike = v as tf.Tensor
      return {
        x: () => run(input, { dy, filter: filterLike }, { ...settings, inputShape: x.shape }),
        dy: () => run(forward, { x, filter: filterLike }, { ...FORWARD, ...settings }),
      }
    },
  }
}

/** I(dy, w): the input's gradient. */
function ofInputGradient({ forward, input, filter }: ConvNames): tf.GradConfig {
  return {
    kernelName: input,
    inputsToSave: ['dy', 'filter'],
    gradFunc: (v, [dy, weights], attrs) => {
      const { inputShape: _, ...settings } = attrs as Shapes & tf.NamedAttrMap
      const inputLike = v as tf.Tensor
      return {
        dy: () => run(forward, { x: inputLike, filter: weights }, { ...FORWARD, ...settings }),
        filter: () => run(filter, { x: inputLike, dy }, { ...settings, filterShape: weights.shape }),
      }
    },
  }
}

const DENSE: ConvNames = {
  forward: tf.Conv2D,
  input: tf.Conv2DBackpropInput,
  filter: tf.Conv2DBackpropFilter,
}

const DEPTHWISE: ConvNames = {
  forward: tf.DepthwiseConv2dNative,
  input: tf.DepthwiseConv2dNativeBackpropInput,
  filter: tf.DepthwiseConv2dNativeBackpropFilter,
}

const AVG_POOL_GRAD: tf.GradConfig = {
  kernelName: tf.AvgPoolGrad,
  inputsToSave: ['input'],
  gradFunc: (v, [input], attrs) => ({
    dy: () =>
      run(tf.AvgPool, { x: v as tf.Tensor }, { ...(attrs as tf.NamedAttrMap), dimRoundingMode: null }),
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
  if (tf.getKernel(MAX_POOL_READ, tf.getBackend())) return run(MAX_POOL_READ, { v, x }, attrs)
  const { filterSize, strides, pad } = attrs
  const { result, indexes } = tf.maxPoolWithArgmax(x, filterSize, strides, pad as 'same', true) as {
    result: tf.Tensor4D
    indexes: tf.Tensor4D
  }
  return tf.reshape(tf.gather(tf.reshape(v, [v.size]), tf.reshape(indexes, [indexes.size])), result.shape)
}

export const OF_GRADIENTS: readonly tf.GradConfig[] = [
  ofFilterGradient(DENSE),
  ofInputGradient(DENSE),
  ofFilterGradient(DEPTHWISE),
  ofInputGradient(DEPTHWISE),
  AVG_POOL_GRAD,
  MAX_POOL_GRAD,
]
