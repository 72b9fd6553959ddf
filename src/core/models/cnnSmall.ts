/**
 * A small convolutional network: (conv 3×3, batch norm, ReLU, max pool 2×2) per entry of `channels`, then a dense
 * layer and the classes. Ours. The dense head matters: with global average pooling it would not memorise labels.
 */

import { BasinError } from '../../base/errors'
import type { HiddenActivation } from '../config/activations'
import { activate } from './activations'
import { applyLayers, LayoutBuilder, layerOf, type MapShape } from './builder'
import { heNormal, lecunNormal } from './initializers'
import { batchNorm, conv, dense, flatten, maxPool2x2 } from './layers'
import type { Network } from './network'

/** @throws BasinError `config` when the image is too small for so many poolings */
export function cnnSmall(
  inputShape: MapShape,
  numClasses: number,
  channels: readonly number[],
  denseUnits: number,
  activation: HiddenActivation = 'relu',
): Network {
  const builder = new LayoutBuilder()
  let shape = inputShape
  const blocks = channels.map((out, i) => {
    const convolve = conv(builder, `Conv_${2 * i}`, { in: shape, out, size: 3, init: heNormal })
    const normalise = batchNorm(builder, `BatchNorm_${2 * i + 1}`, convolve.out, {
      activation: activation === 'relu' ? 'relu' : 'none',
    })
    // ReLU is one op with the batch norm.
    const act = layerOf(convolve.out, (_, x) => (activation === 'relu' ? x : activate(x, activation)))
    shape = [Math.floor(shape[0] / 2), Math.floor(shape[1] / 2), out]
    builder.row({
      path: `Conv_${2 * i}`,
      kind: 'max pool 2×2',
      in: convolve.out,
      out: shape,
      params: 0,
      flops: 0,
    })
    const pool = layerOf(shape, (_, x) => maxPool2x2(x))
    return layerOf(shape, (bound, x) => applyLayers(bound, [convolve, normalise, act, pool], x))
  })
  if (shape[0] < 1 || shape[1] < 1) {
    throw new BasinError(
      'config',
      `cnn_channels: ${channels.length} poolings leave nothing of a ${inputShape[0]} × ${inputShape[1]} image`,
      'Use fewer entries in cnn_channels.',
    )
  }
  const head = 2 * channels.length
  const features = shape[0] * shape[1] * shape[2]
  const hidden = dense(builder, `Dense_${head}`, { in: features, out: denseUnits, init: heNormal })
  const classify = dense(builder, `Dense_${head + 1}`, { in: denseUnits, out: numClasses, init: lecunNormal })
  return builder.finish({ name: 'cnn_small', inputShape, numClasses }, (bound, images) => {
    const maps = applyLayers(bound, blocks, images)
    return classify(bound, activate(hidden(bound, flatten(maps)), activation))
  })
}
