/**
 * A multilayer perceptron: flatten, then dense layers with an activation between.
 * Ours: the network of the first visit, small, and large enough to memorise wrong labels.
 */
import type * as tf from '../../engine/tf'
import type { HiddenActivation } from '../config/activations'
import { activate } from './activations'
import { type Bound, LayoutBuilder } from './builder'
import { heNormal, lecunNormal } from './initializers'
import { dense, flatten } from './layers'
import type { Network } from './network'

/** @param hidden sizes of the hidden layers */
export function mlp(
  inputShape: readonly [number, number, number],
  numClasses: number,
  hidden: readonly number[],
  activation: HiddenActivation = 'relu',
): Network {
  const builder = new LayoutBuilder()
  const pixels = inputShape[0] * inputShape[1] * inputShape[2]
  const widths = [pixels, ...hidden, numClasses]
  const last = widths.length - 2
  const layers = widths.slice(1).map((out, i) => {
    const isLast = i === last
    // ReLU is one op with its layer, and the one that He's scale is made for.
    const rectified = !isLast && activation === 'relu'
    const init = rectified ? heNormal : lecunNormal
    const layer = dense(builder, `Dense_${i}`, {
      in: widths[i],
      out,
      init,
      activation: rectified ? 'relu' : 'none',
    })
    if (isLast || rectified) return layer
    return (bound: Bound, x: tf.Tensor2D) => activate(layer(bound, x), activation)
  })
  return builder.finish({ name: 'mlp', inputShape, numClasses }, (bound, images) =>
    layers.reduce((x, layer) => layer(bound, x), flatten(images)),
  )
}
