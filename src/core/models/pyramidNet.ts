/**
 * PyramidNet with ShakeDrop: bottlenecks that widen at every block, each kept, dropped or noisily scaled per example.
 * Sources: Han et al. 2017 (arXiv 1610.02915), Yamada et al. 2018 (arXiv 1802.02375), as the reference builds them.
 */
import { roundHalfEven } from '../../base/roundHalfEven'
import * as tf from '../../engine/tf'
import { applyLayers, type Bound, type Layer, LayoutBuilder, type MapShape, under } from './builder'
import { scaleByGate } from './gates'
import { heNormalFanOut, uniformByClasses } from './initializers'
import { averagePool, batchNorm, conv, dense, flatten, module, padChannels } from './layers'
import type { Network } from './network'

export interface PyramidNetOptions {
  name: string
  /** Layers: 2 + 9 per block of each of the three groups. */
  depth: number
  /** α: channels added from the first block to the last, before the expansion by four. */
  alpha: number
}

const EXPANSION = 4
/** Side of the last pool's window. */
const FINAL_POOL = 8
/** The last block survives with one minus this. */
const DROP_AT_END = 0.5

export function pyramidNet(inputShape: MapShape, numClasses: number, options: PyramidNetOptions): Network {
  const builder = new LayoutBuilder()
  const perGroup = Math.floor((options.depth - 2) / 9)
  const total = 3 * perGroup
  const stem = conv(builder, 'init_conv', { in: inputShape, out: 16, size: 3, init: heNormalFanOut })
  const stemNorm = batchNorm(builder, 'init_bn', stem.out)
  let shape = stem.out
  let width = 16
  const blocks = Array.from({ length: total }, (_, i) => {
    width += options.alpha / total
    const layer = pyramidBlock(builder, `BottleneckShakeDrop_${i}`, {
      in: shape,
      width: roundHalfEven(width),
      stride: i > 0 && i % perGroup === 0 ? 2 : 1,
      survival: 1 - ((i + 1) / total) * DROP_AT_END,
    })
    shape = layer.out
    return layer
  })
  const finalNorm = batchNorm(builder, 'final_bn', shape, { activation: 'relu' })
  // Differs: the reference's window of 8 leaves nothing of a 7 × 7 map (28-pixel images); here it shrinks to the map.
  const window = Math.min(FINAL_POOL, shape[0], shape[1])
  const features = (shape[0] - window + 1) * (shape[1] - window + 1) * shape[2]
  const classify = dense(builder, `Dense_${total}`, { in: features, out: numClasses, init: uniformByClasses })
  return builder.finish({ name: options.name, inputShape, numClasses }, (bound, images) => {
    const x = applyLayers(bound, [stem, stemNorm, ...blocks, finalNorm], images)
    return classify(bound, flatten(averagePool(x, window, 1)))
  })
}

interface BottleneckShape {
  in: MapShape
  /** Channels inside; four times as many come out. */
  width: number
  stride: number
  /** Probability that the block is kept as it is. */
  survival: number
}

/** BN, conv 1×1, BN, ReLU, conv 3×3 (strided), BN, ReLU, conv 1×1, BN, ShakeDrop, plus the shortcut. */
export function pyramidBlock(builder: LayoutBuilder, path: string, shape: BottleneckShape): Layer {
  const { in: input, width, stride, survival } = shape
  const init = heNormalFanOut
  const norm0 = batchNorm(builder, under(path, 'bn_1_pre'), input)
  const contract = conv(builder, under(path, '1x1_conv_contract'), { in: input, out: width, size: 1, init })
  const norm1 = batchNorm(builder, under(path, 'bn_1_post'), contract.out, { activation: 'relu' })
  const middle = conv(builder, under(path, '3x3'), { in: contract.out, out: width, size: 3, stride, init })
  const norm2 = batchNorm(builder, under(path, 'bn_2'), middle.out, { activation: 'relu' })
  const expand = conv(builder, under(path, '1x1_conv_expand'), {
    in: middle.out,
    out: EXPANSION * width,
    size: 1,
    init,
  })
  const norm3 = batchNorm(builder, under(path, 'bn_3'), expand.out)
  const drop = shakeDrop(builder, path, survival)
  return module(path, expand.out, (bound, input) => {
    const z = applyLayers(bound, [norm0, contract, norm1, middle, norm2, expand, norm3], input)
    return tf.add(drop(bound, z), pyramidShortcut(input, z.shape[1], z.shape[3]))
  })
}

/** Declares the gates of a ShakeDrop, and returns it. */
export function shakeDrop(builder: LayoutBuilder, path: string, survival: number) {
  const kept = under(path, 'kept')
  const alpha = under(path, 'alpha')
  const beta = under(path, 'beta')
  builder.gate(kept, { kind: 'bernoulli', probability: survival })
  builder.gate(alpha, { kind: 'uniform', low: -1, high: 1 })
  builder.gate(beta, { kind: 'uniform', low: 0, high: 1 })
  return (bound: Bound, x: tf.Tensor4D): tf.Tensor4D => {
    // E[α] = 0, so the mean of the forward factor is the probability to be kept.
    if (!bound.train) return tf.mul(x, survival)
    const b = bound.gate(kept)
    const forward = shakeDropFactor(b, bound.gate(alpha))
    return scaleByGate(x, forward, bound.trueGradient ? undefined : shakeDropFactor(b, bound.gate(beta)))
  }
}

/** b + g − b·g: 1 for a kept block, the random number for a dropped one. Source: Yamada et al. 2018, eq. 6. */
function shakeDropFactor(kept: tf.Tensor4D, gate: tf.Tensor4D): tf.Tensor4D {
  return tf.sub(tf.add(kept, gate), tf.mul(kept, gate))
}

/** The block's input, pooled 2 × 2 where the block is strided, with zero channels appended, to the given size. */
export function pyramidShortcut(input: tf.Tensor4D, height: number, channels: number): tf.Tensor4D {
  const pooled = input.shape[1] === height ? input : averagePool(input, 2, 2)
  return padChannels(pooled, channels - input.shape[3])
}
