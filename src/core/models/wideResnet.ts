/**
 * Wide residual network for small images. Source: Zagoruyko & Komodakis 2016 (arXiv 1605.07146), table 1, as the
 * reference builds it: pre-activation blocks, parameter-free shortcuts (average pool, zero-padded channels).
 */
import * as tf from '../../engine/tf'
import { type Layer, LayoutBuilder } from './builder'
import { heNormalFanOut, uniformByClasses } from './initializers'
import { batchNorm, conv, dense, globalAveragePool, relu } from './layers'
import type { Network } from './network'

export interface WideResnetOptions {
  name: string
  blocksPerGroup: number
  /** k: multiplies the widths 16, 32, 64. */
  widthMultiplier: number
  /** Also merge around every group, and from the input image to the last group's output. */
  useAdditionalSkipConnections: boolean
}

const BASE_WIDTHS = [16, 32, 64]

export function wideResnet(
  inputShape: readonly [number, number, number],
  numClasses: number,
  options: WideResnetOptions,
): Network {
  const builder = new LayoutBuilder()
  const stem = conv(builder, 'init_conv', { in: inputShape[2], out: 16, size: 3, init: heNormalFanOut })
  let channels = 16
  const groups = BASE_WIDTHS.map((base, g) => {
    const out = base * options.widthMultiplier
    const path = `WideResnetGroup_${g}`
    const layer = group(
      builder,
      path,
      { in: channels, out, stride: g === 0 ? 1 : 2, first: g === 0 },
      options,
    )
    channels = out
    return layer
  })
  const finalNorm = batchNorm(builder, 'pre-pool-bn', channels)
  const classify = dense(builder, `Dense_${groups.length}`, {
    in: channels,
    out: numClasses,
    init: uniformByClasses,
  })
  return builder.finish({ name: options.name, inputShape, numClasses }, (bound, images) => {
    let x = groups.reduce((maps, layer) => layer(bound, maps), stem(bound, images))
    if (options.useAdditionalSkipConnections) x = mergeResidual(x, images)
    return classify(bound, globalAveragePool(relu(finalNorm(bound, x))))
  })
}

interface GroupShape {
  in: number
  out: number
  stride: number
  /** The net's very first block activates BEFORE branching off the residual. */
  first: boolean
}

function group(builder: LayoutBuilder, path: string, shape: GroupShape, options: WideResnetOptions): Layer {
  const blocks = Array.from({ length: options.blocksPerGroup }, (_, b) =>
    block(builder, `${path}/WideResnetBlock_${b}`, {
      in: b === 0 ? shape.in : shape.out,
      out: shape.out,
      stride: b === 0 ? shape.stride : 1,
      first: shape.first && b === 0,
    }),
  )
  return (bound, input) => {
    const x = blocks.reduce((maps, layer) => layer(bound, maps), input)
    return options.useAdditionalSkipConnections ? mergeResidual(x, input) : x
  }
}

/** BN, ReLU, conv 3×3 (strided), BN, ReLU, conv 3×3, plus the shortcut. */
function block(
  builder: LayoutBuilder,
  path: string,
  { in: channels, out, stride, first }: GroupShape,
): Layer {
  const norm1 = batchNorm(builder, `${path}/init_bn`, channels)
  const conv1 = conv(builder, `${path}/conv1`, { in: channels, out, size: 3, stride, init: heNormalFanOut })
  const norm2 = batchNorm(builder, `${path}/bn_2`, out)
  const conv2 = conv(builder, `${path}/conv2`, { in: out, out, size: 3, init: heNormalFanOut })
  return (bound, input) => {
    const activated = relu(norm1(bound, input))
    const x = conv2(bound, relu(norm2(bound, conv1(bound, activated))))
    return mergeResidual(x, first ? activated : input)
  }
}

/** Adds `residual` to `x`: average-pooled to x's size and zero-padded to its channels where the channels differ. */
function mergeResidual(x: tf.Tensor4D, residual: tf.Tensor4D): tf.Tensor4D {
  const missing = x.shape[3] - residual.shape[3]
  if (missing === 0) return tf.add(x, residual)
  const stride = Math.floor(residual.shape[2] / x.shape[2])
  const pooled = stride > 1 ? tf.avgPool(residual, stride, stride, 'valid') : residual
  const padded = tf.pad4d(pooled, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, missing],
  ])
  return tf.add(x, padded)
}
