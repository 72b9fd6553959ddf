/**
 * Wide residual network for small images. Source: Zagoruyko & Komodakis 2016 (arXiv 1605.07146), table 1, as the
 * reference builds it: pre-activation blocks, parameter-free shortcuts (average pool, zero-padded channels).
 */
import { addPooled } from '../../engine/ops/pooling/pooling'
import * as tf from '../../engine/tf'
import { applyLayers, type Layer, LayoutBuilder, type MapShape, under } from './builder'
import { heNormalFanOut, uniformByClasses } from './initializers'
import { batchNorm, conv, dense, globalAveragePool, module } from './layers'
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

export function wideResnet(inputShape: MapShape, numClasses: number, options: WideResnetOptions): Network {
  const builder = new LayoutBuilder()
  const stem = conv(builder, 'init_conv', { in: inputShape, out: 16, size: 3, init: heNormalFanOut })
  let shape = stem.out
  const groups = BASE_WIDTHS.map((base, g) => {
    const out = base * options.widthMultiplier
    const layer = group(
      builder,
      `WideResnetGroup_${g}`,
      { in: shape, out, stride: g === 0 ? 1 : 2, first: g === 0 },
      options,
    )
    shape = layer.out
    return layer
  })
  const finalNorm = batchNorm(builder, 'pre-pool-bn', shape, { activation: 'relu' })
  const classify = dense(builder, `Dense_${groups.length}`, {
    in: shape[2],
    out: numClasses,
    init: uniformByClasses,
  })
  return builder.finish({ name: options.name, inputShape, numClasses }, (bound, images) => {
    let x = applyLayers(bound, [stem, ...groups], images)
    if (options.useAdditionalSkipConnections) x = mergeResidual(x, images)
    return classify(bound, globalAveragePool(finalNorm(bound, x)))
  })
}

interface BlockShape {
  in: MapShape
  /** Channels. */
  out: number
  stride: number
  /** The net's very first block activates BEFORE branching off the residual. */
  first: boolean
}

function group(builder: LayoutBuilder, path: string, shape: BlockShape, options: WideResnetOptions): Layer {
  let at = shape.in
  const blocks = Array.from({ length: options.blocksPerGroup }, (_, b) => {
    const layer = wideBlock(builder, `${path}/WideResnetBlock_${b}`, {
      in: at,
      out: shape.out,
      stride: b === 0 ? shape.stride : 1,
      first: shape.first && b === 0,
    })
    at = layer.out
    return layer
  })
  return module(path, at, (bound, input) => {
    const x = applyLayers(bound, blocks, input)
    return options.useAdditionalSkipConnections ? mergeResidual(x, input) : x
  })
}

/** BN, ReLU, conv 3×3 (strided), BN, ReLU, conv 3×3, plus the shortcut. */
export function wideBlock(builder: LayoutBuilder, path: string, shape: BlockShape): Layer {
  const { in: input, out, stride, first } = shape
  const norm1 = batchNorm(builder, under(path, 'init_bn'), input, { activation: 'relu' })
  const conv1 = conv(builder, under(path, 'conv1'), { in: input, out, size: 3, stride, init: heNormalFanOut })
  const norm2 = batchNorm(builder, under(path, 'bn_2'), conv1.out, { activation: 'relu' })
  const conv2 = conv(builder, under(path, 'conv2'), { in: conv1.out, out, size: 3, init: heNormalFanOut })
  return module(path, conv2.out, (bound, residual) => {
    const activated = norm1(bound, residual)
    const x = applyLayers(bound, [conv1, norm2, conv2], activated)
    return mergeResidual(x, first ? activated : residual)
  })
}

/** Adds `residual` to `x`: average-pooled to x's size and zero-padded to its channels where the channels differ. */
export function mergeResidual(x: tf.Tensor4D, residual: tf.Tensor4D): tf.Tensor4D {
  const missing = x.shape[3] - residual.shape[3]
  if (missing === 0) return tf.add(x, residual)
  return addPooled(x, residual, Math.max(1, Math.floor(residual.shape[2] / x.shape[2])))
}
