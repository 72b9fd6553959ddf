/**
 * Shake-Shake: residual blocks with two branches, mixed by a random gate per example in training and evenly in
 * evaluation. Source: Gastaldi 2017 (arXiv 1705.07485), "26 2x96d", as the reference builds it.
 */
import * as tf from '../../engine/tf'
import { applyLayers, type Layer, LayoutBuilder, layerOf, type MapShape, under } from './builder'
import { scaleByGate } from './gates'
import { heNormalFanOut, uniformByClasses } from './initializers'
import { batchNorm, conv, dense, globalAveragePool, module, relu } from './layers'
import type { Network } from './network'

export interface ShakeShakeOptions {
  name: string
  blocksPerGroup: number
  /** Multiplies the widths 16, 32, 64. */
  widthMultiplier: number
}

const BASE_WIDTHS = [16, 32, 64]

export function shakeShake(inputShape: MapShape, numClasses: number, options: ShakeShakeOptions): Network {
  const builder = new LayoutBuilder()
  const stem = conv(builder, 'init_conv', { in: inputShape, out: 16, size: 3, init: heNormalFanOut })
  const stemNorm = batchNorm(builder, 'init_bn', stem.out)
  let shape = stem.out
  const groups = BASE_WIDTHS.map((base, g) => {
    const path = `WideResnetShakeShakeGroup_${g}`
    const blocks = Array.from({ length: options.blocksPerGroup }, (_, b) => {
      const layer = shakeBlock(builder, `${path}/ShakeShakeBlock_${b}`, {
        in: shape,
        out: base * options.widthMultiplier,
        stride: g > 0 && b === 0 ? 2 : 1,
      })
      shape = layer.out
      return layer
    })
    return module(path, shape, (bound, x) => applyLayers(bound, blocks, x))
  })
  const classify = dense(builder, `Dense_${groups.length}`, {
    in: shape[2],
    out: numClasses,
    init: uniformByClasses,
  })
  return builder.finish({ name: options.name, inputShape, numClasses }, (bound, images) => {
    const x = applyLayers(bound, [stem, stemNorm, ...groups], images)
    return classify(bound, globalAveragePool(relu(x)))
  })
}

interface BlockShape {
  in: MapShape
  /** Channels. */
  out: number
  stride: number
}

/** Two branches mixed by a gate per example, plus the shortcut. */
export function shakeBlock(builder: LayoutBuilder, path: string, shape: BlockShape): Layer {
  const a = branch(builder, path, 'a', shape)
  const b = branch(builder, path, 'b', shape)
  const residual = shortcut(builder, under(path, 'Shortcut_0'), shape)
  const gates = { forward: under(path, 'forward'), backward: under(path, 'backward') }
  for (const name of Object.values(gates)) builder.gate(name, { kind: 'uniform', low: 0, high: 1 })
  return module(path, a.out, (bound, x) => {
    const left = a(bound, x)
    const right = b(bound, x)
    if (!bound.train) return tf.add(residual(bound, x), tf.mul(tf.add(left, right), 0.5))
    const forward = bound.gate(gates.forward)
    const backward = bound.trueGradient ? undefined : bound.gate(gates.backward)
    return tf.add(residual(bound, x), shake(left, right, forward, backward))
  })
}

/**
 * g·a + (1 − g)·b with g of the forward pass; the backward pass uses another gate, or the same when none is given.
 * @param forward [N, 1, 1, 1]
 */
export function shake(
  a: tf.Tensor4D,
  b: tf.Tensor4D,
  forward: tf.Tensor4D,
  backward?: tf.Tensor4D,
): tf.Tensor4D {
  const rest = (gate: tf.Tensor4D): tf.Tensor4D => tf.sub(1, gate)
  return tf.add(scaleByGate(a, forward, backward), scaleByGate(b, rest(forward), backward && rest(backward)))
}

/** ReLU, conv 3×3 (strided), BN, ReLU, conv 3×3, BN. */
function branch(
  builder: LayoutBuilder,
  path: string,
  letter: string,
  { in: input, out, stride }: BlockShape,
) {
  const part = (what: string, index: number) => under(path, `${what}_${letter}_${index}`)
  const conv1 = conv(builder, part('conv', 1), { in: input, out, size: 3, stride, init: heNormalFanOut })
  const norm1 = batchNorm(builder, part('bn', 1), conv1.out, { activation: 'relu' })
  const conv2 = conv(builder, part('conv', 2), { in: conv1.out, out, size: 3, init: heNormalFanOut })
  const norm2 = batchNorm(builder, part('bn', 2), conv2.out)
  const activate = layerOf(input, (_, x) => relu(x))
  return module(part('branch', 0), conv2.out, (bound, x) =>
    applyLayers(bound, [activate, conv1, norm1, conv2, norm2], x),
  )
}

/**
 * The input itself where the channels stay; otherwise two 1×1 convolutions, the second on the image moved by one
 * pixel, each giving half the channels.
 */
export function shortcut(
  builder: LayoutBuilder,
  path: string,
  { in: input, out, stride }: BlockShape,
): Layer {
  if (input[2] === out) {
    builder.emptyModule(path)
    return module(path, input, (_, x) => x)
  }
  const half: MapShape = [Math.ceil(input[0] / stride), Math.ceil(input[1] / stride), input[2]]
  const options = { in: half, out: out / 2, size: 1, init: heNormalFanOut }
  const conv1 = conv(builder, under(path, 'conv_h1'), options)
  const conv2 = conv(builder, under(path, 'conv_h2'), options)
  const norm = batchNorm(builder, under(path, 'bn_residual'), [half[0], half[1], out])
  return module(path, norm.out, (bound, x) => {
    const h1 = conv1(bound, subsample(x, stride))
    const h2 = conv2(bound, subsample(moved(x), stride))
    return norm(bound, tf.concat([h1, h2], 3))
  })
}

/** x[::stride, ::stride]; a pool of one pixel reads exactly these. */
function subsample(x: tf.Tensor4D, stride: number): tf.Tensor4D {
  return stride === 1 ? x : tf.avgPool(x, 1, stride, 'valid')
}

/** Up and left by one pixel: the first row and column go, zeros come in at the end. */
function moved(x: tf.Tensor4D): tf.Tensor4D {
  const [n, height, width, channels] = x.shape
  const rest = tf.slice(x, [0, 1, 1, 0], [n, height - 1, width - 1, channels])
  return tf.pad4d(rest, [
    [0, 0],
    [0, 1],
    [0, 1],
    [0, 0],
  ])
}
