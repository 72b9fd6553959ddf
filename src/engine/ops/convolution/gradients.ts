/**
 * Gradients of a convolution's gradients. A convolution y = x ∗ w is linear in x and in w, and its
 * three products (forward F, with respect to the input I, to the filter W) are made of one another:
 *     W(x, dy):  ∂/∂x = I(dy, v),  ∂/∂dy = F(x, v)          I(dy, w):  ∂/∂dy = F(v, w),  ∂/∂w = W(v, dy)
 */
import * as tf from '../../tf'
import { runFused } from '../../tf/kernels'

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
        x: () => runFused(input, { dy, filter: filterLike }, { ...settings, inputShape: x.shape })[0],
        dy: () => runFused(forward, { x, filter: filterLike }, { ...FORWARD, ...settings })[0],
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
        dy: () => runFused(forward, { x: inputLike, filter: weights }, { ...FORWARD, ...settings })[0],
        filter: () => runFused(filter, { x: inputLike, dy }, { ...settings, filterShape: weights.shape })[0],
      }
    },
  }
}

/** Of both gradients of a convolution whose kernels have these names. */
export const convolutionGradients = (names: ConvNames): tf.GradConfig[] => [
  ofFilterGradient(names),
  ofInputGradient(names),
]

export const gradients = convolutionGradients({
  forward: tf.Conv2D,
  input: tf.Conv2DBackpropInput,
  filter: tf.Conv2DBackpropFilter,
})
