/**
 * The block of EfficientNet: inverted bottleneck with a depthwise convolution, squeeze-and-excitation and stochastic
 * depth. Sources: Sandler et al. 2018 (arXiv 1801.04381), Hu et al. 2018 (arXiv 1709.01507), Huang et al. 2016
 * (arXiv 1603.09382).
 */
import * as tf from '../../engine/tf'
import { applyLayers, type Layer, type LayoutBuilder, type MapShape, under } from './builder'
import { dropByGate } from './gates'
import { truncatedHeNormalFanOut } from './initializers'
import { batchNorm, conv, depthwiseConv, module, swish } from './layers'

/** EfficientNet's batch norm. */
export const EFFICIENT_NORM = { momentum: 0.99, epsilon: 1e-3 }
export const EFFICIENT_NORM_SWISH = { ...EFFICIENT_NORM, activation: 'swish' } as const

const SQUEEZE = 0.25

export interface MbConvOptions {
  in: MapShape
  /** Channels. */
  out: number
  /** Side of the depthwise kernel. */
  kernel: number
  /** Channels inside are so many times the block's own. */
  expand: number
  stride: number
  /** Probability that the block is not dropped in training; used where there is a shortcut. */
  survival: number
}

export function mbConv(builder: LayoutBuilder, path: string, options: MbConvOptions): Layer {
  const { in: input, out, kernel, expand, stride, survival } = options
  const init = truncatedHeNormalFanOut
  const [norms, convs] = [numbered(path, 'batch_normalization'), numbered(path, '')]
  const wide = input[2] * expand
  const widen = expand === 1 ? undefined : widening(builder, convs('expand_conv2d'), norms, input, wide)
  const inside = widen?.out ?? input
  const depthwise = depthwiseConv(builder, under(path, 'depthwise_conv2d'), {
    in: inside,
    size: kernel,
    stride,
    init,
  })
  const norm = batchNorm(builder, norms(), depthwise.out, EFFICIENT_NORM_SWISH)
  const excite = squeezeExcite(
    builder,
    under(path, 'SqueezeExcite_0'),
    depthwise.out,
    Math.max(1, Math.floor(input[2] * SQUEEZE)),
  )
  const project = conv(builder, convs('project_conv2d'), { in: depthwise.out, out, size: 1, init })
  const lastNorm = batchNorm(builder, norms(), project.out, EFFICIENT_NORM)
  const skip = stride === 1 && input[2] === out
  const gate = under(path, 'survives')
  const drops = skip && survival < 1
  if (drops) builder.gate(gate, { kind: 'bernoulli', probability: survival })
  return module(path, project.out, (bound, x) => {
    const layers = [...(widen ? [widen] : []), depthwise, norm, excite, project, lastNorm]
    const z = applyLayers(bound, layers, x)
    if (!skip) return z
    return tf.add(bound.train && drops ? dropByGate(z, bound.gate(gate), survival) : z, x)
  })
}

/** conv 1×1, BN, swish. */
function widening(
  builder: LayoutBuilder,
  path: string,
  norms: () => string,
  input: MapShape,
  channels: number,
): Layer {
  const convolve = conv(builder, path, { in: input, out: channels, size: 1, init: truncatedHeNormalFanOut })
  const norm = batchNorm(builder, norms(), convolve.out, EFFICIENT_NORM_SWISH)
  return module(`${path}/swish`, convolve.out, (bound, x) => applyLayers(bound, [convolve, norm], x))
}

/** Names as the reference counts them: each kind from 0. */
function numbered(path: string, usual: string): (kind?: string) => string {
  let next = 0
  return (kind = usual) => under(path, `${kind}_${next++}`)
}

/** x · sigmoid(expand(swish(reduce(mean of x)))), both convolutions 1×1 with bias. */
export function squeezeExcite(builder: LayoutBuilder, path: string, shape: MapShape, width: number): Layer {
  const init = truncatedHeNormalFanOut
  const reduce = conv(builder, under(path, 'reduce_conv2d_0'), {
    in: [1, 1, shape[2]],
    out: width,
    size: 1,
    bias: true,
    init,
  })
  const expand = conv(builder, under(path, 'expand_conv2d_1'), {
    in: reduce.out,
    out: shape[2],
    size: 1,
    bias: true,
    init,
  })
  return module(path, shape, (bound, x) => {
    const mean = tf.mean(x, [1, 2], true) as tf.Tensor4D
    return tf.mul(x, tf.sigmoid(expand(bound, swish(reduce(bound, mean)))))
  })
}
