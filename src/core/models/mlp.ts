/**
 * A multilayer perceptron: flatten, then dense layers with ReLU between.
 * Ours: the network of the first visit, small, and large enough to memorise wrong labels.
 */
import { LayoutBuilder } from './builder'
import { heNormal, lecunNormal } from './initializers'
import { dense, flatten } from './layers'
import type { Network } from './network'

/** @param hidden sizes of the hidden layers */
export function mlp(
  inputShape: readonly [number, number, number],
  numClasses: number,
  hidden: readonly number[],
): Network {
  const builder = new LayoutBuilder()
  const pixels = inputShape[0] * inputShape[1] * inputShape[2]
  const widths = [pixels, ...hidden, numClasses]
  const last = widths.length - 2
  const layers = widths.slice(1).map((out, i) => {
    const isLast = i === last
    return dense(builder, `Dense_${i}`, {
      in: widths[i],
      out,
      init: isLast ? lecunNormal : heNormal,
      activation: isLast ? 'none' : 'relu',
    })
  })
  return builder.finish({ name: 'mlp', inputShape, numClasses }, (bound, images) =>
    layers.reduce((x, layer) => layer(bound, x), flatten(images)),
  )
}
