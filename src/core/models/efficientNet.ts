/**
 * EfficientNet: one small network, scaled in width, depth and resolution.
 * Source: Tan & Le 2019 (arXiv 1905.11946), table 1 and §3.3; L2: Xie et al. 2020 (arXiv 1911.04252), as the
 * reference builds them. Its batch norm takes its statistics over all replicas.
 */

import { BasinError } from '../../base/errors'
import * as tf from '../../engine/tf'
import { applyLayers, LayoutBuilder, type MapShape } from './builder'
import { dropByGate } from './gates'
import { truncatedHeNormalFanOut, uniformByClasses } from './initializers'
import { batchNorm, conv, dense, module } from './layers'
import { EFFICIENT_NORM_SWISH, mbConv } from './mbConv'
import type { Network } from './network'

export interface EfficientNetSize {
  /** Multiplies channels. */
  width: number
  /** Multiplies how often a block is repeated. */
  depth: number
  dropout: number
}

export const EFFICIENTNETS = {
  'efficientnet-b0': { width: 1, depth: 1, dropout: 0.2 },
  'efficientnet-b1': { width: 1, depth: 1.1, dropout: 0.2 },
  'efficientnet-b2': { width: 1.1, depth: 1.2, dropout: 0.3 },
  'efficientnet-b3': { width: 1.2, depth: 1.4, dropout: 0.3 },
  'efficientnet-b4': { width: 1.4, depth: 1.8, dropout: 0.4 },
  'efficientnet-b5': { width: 1.6, depth: 2.2, dropout: 0.4 },
  'efficientnet-b6': { width: 1.8, depth: 2.6, dropout: 0.5 },
  'efficientnet-b7': { width: 2, depth: 3.1, dropout: 0.5 },
  'efficientnet-b8': { width: 2.2, depth: 3.6, dropout: 0.5 },
  'efficientnet-l2': { width: 4.3, depth: 5.3, dropout: 0.5 },
  'efficientnet-l2-475': { width: 4.3, depth: 5.3, dropout: 0.5 },
} as const satisfies Record<string, EfficientNetSize>

/** Stages of the unscaled network. Source: Tan & Le 2019, table 1. */
const STAGES = [
  { kernel: 3, repeats: 1, out: 16, expand: 1, stride: 1 },
  { kernel: 3, repeats: 2, out: 24, expand: 6, stride: 2 },
  { kernel: 5, repeats: 2, out: 40, expand: 6, stride: 2 },
  { kernel: 3, repeats: 3, out: 80, expand: 6, stride: 2 },
  { kernel: 5, repeats: 3, out: 112, expand: 6, stride: 1 },
  { kernel: 5, repeats: 4, out: 192, expand: 6, stride: 2 },
  { kernel: 3, repeats: 1, out: 320, expand: 6, stride: 1 },
]

const STEM_CHANNELS = 32
const HEAD_CHANNELS = 1280
/** Of the last block; the first is never dropped. */
const DROP_CONNECT = 0.2

export interface EfficientNetOptions extends EfficientNetSize {
  name: string
  /** Side of the only images that it takes, those it was made for; absent: it takes any. */
  resolution?: number
  /** 0 turns stochastic depth off. */
  dropConnect?: number
}

/** @throws BasinError `config` when the images are not of the network's resolution and that is asked for */
export function efficientNet(
  inputShape: MapShape,
  numClasses: number,
  options: EfficientNetOptions,
): Network {
  const { name, width, depth, resolution, dropConnect = DROP_CONNECT } = options
  const [imageHeight, imageWidth] = inputShape
  if (resolution !== undefined && (imageHeight !== resolution || imageWidth !== resolution)) {
    throw new BasinError(
      'config',
      `${name}: images of ${resolution} × ${resolution} pixels, got ${imageHeight} × ${imageWidth}`,
      'Choose another network, or turn off check_resolution to train it on images of any size.',
    )
  }
  const builder = new LayoutBuilder()
  const stem = stemOf(builder, inputShape, roundChannels(STEM_CHANNELS, width))
  const stages = STAGES.map((stage) => ({ ...stage, repeats: Math.ceil(depth * stage.repeats) }))
  const total = stages.reduce((sum, { repeats }) => sum + repeats, 0)
  let shape = stem.out
  let index = 0
  const blocks = stages.flatMap((stage) =>
    Array.from({ length: stage.repeats }, (_, repeat) => {
      const layer = mbConv(builder, `MBConvBlock_${index + 1}`, {
        in: shape,
        out: roundChannels(stage.out, width),
        kernel: stage.kernel,
        expand: stage.expand,
        stride: repeat === 0 ? stage.stride : 1,
        survival: 1 - (dropConnect * index) / total,
      })
      shape = layer.out
      index++
      return layer
    }),
  )
  const head = headOf(builder, `Head_${total + 1}`, shape, {
    channels: roundChannels(HEAD_CHANNELS, width),
    classes: numClasses,
    dropout: options.dropout,
  })
  return builder.finish({ name, inputShape, numClasses, crossReplica: true }, (bound, images) =>
    head(bound, applyLayers(bound, [stem, ...blocks], images)),
  )
}

/** conv 3×3 / 2, BN, swish. */
function stemOf(builder: LayoutBuilder, input: MapShape, channels: number) {
  const convolve = conv(builder, 'Stem_0/conv2d', {
    in: input,
    out: channels,
    size: 3,
    stride: 2,
    init: truncatedHeNormalFanOut,
  })
  const norm = batchNorm(builder, 'Stem_0/batch_normalization', convolve.out, EFFICIENT_NORM_SWISH)
  return module('Stem_0', convolve.out, (bound, x) => applyLayers(bound, [convolve, norm], x))
}

/** conv 1×1, BN, swish, global mean, dropout, dense. */
function headOf(
  builder: LayoutBuilder,
  path: string,
  input: MapShape,
  { channels, classes, dropout }: { channels: number; classes: number; dropout: number },
) {
  const convolve = conv(builder, `${path}/conv2d`, {
    in: input,
    out: channels,
    size: 1,
    init: truncatedHeNormalFanOut,
  })
  const norm = batchNorm(builder, `${path}/batch_normalization`, convolve.out, EFFICIENT_NORM_SWISH)
  const gate = `${path}/dropout`
  const kept = 1 - dropout
  if (dropout > 0) builder.gate(gate, { kind: 'bernoulli', probability: kept }, channels)
  const classify = dense(builder, `${path}/dense`, { in: channels, out: classes, init: uniformByClasses })
  return (bound: Parameters<typeof convolve>[0], x: tf.Tensor4D): tf.Tensor2D => {
    let features = tf.mean(applyLayers(bound, [convolve, norm], x), [1, 2], true) as tf.Tensor4D
    if (bound.train && dropout > 0) features = dropByGate(features, bound.gate(gate), kept)
    return bound.observe(path, classify(bound, tf.reshape(features, [x.shape[0], channels])))
  }
}

/** Scaled, to a multiple of eight, never down by more than a tenth. Source: the authors' code. */
function roundChannels(channels: number, width: number): number {
  const scaled = channels * width
  const rounded = Math.max(8, Math.floor((scaled + 4) / 8) * 8)
  return rounded < 0.9 * scaled ? rounded + 8 : rounded
}
