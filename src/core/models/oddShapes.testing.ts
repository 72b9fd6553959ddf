/** Layers at shapes where padding, strides and reductions go wrong first: one pixel, one channel, odd sides, batch 1. */

import { randomStream } from '../../base/random'
import * as tf from '../../engine/tf'
import { type Layer, LayoutBuilder, type MapShape } from './builder'
import { initBatchStats } from './init'
import { lecunNormal } from './initializers'
import { batchNorm, conv, depthwiseConv } from './layers'
import { mbConv, squeezeExcite } from './mbConv'
import type { Network } from './network'
import { bottleneck } from './resnet'
import { shortcut } from './shakeShake'
import { wideBlock } from './wideResnet'

type Make = (builder: LayoutBuilder, shape: MapShape) => Layer

const init = lecunNormal

export const ODD_SHAPES: readonly [name: string, rows: number, shape: MapShape, make: Make][] = [
  ['conv 3×3 / 2 on 5 × 3', 1, [5, 3, 1], (b, s) => conv(b, '', { in: s, out: 2, size: 3, stride: 2, init })],
  ['conv 5×5 on one pixel', 1, [1, 1, 3], (b, s) => conv(b, '', { in: s, out: 1, size: 5, init })],
  ['conv 1×1 / 2 on 7 × 7', 2, [7, 7, 2], (b, s) => conv(b, '', { in: s, out: 3, size: 1, stride: 2, init })],
  [
    'conv 7×7 / 2 padded by 3',
    1,
    [9, 9, 1],
    (b, s) => conv(b, '', { in: s, out: 2, size: 7, stride: 2, padding: 3, bias: true, init }),
  ],
  [
    'depthwise 3×3 / 2 on 5 × 5',
    1,
    [5, 5, 1],
    (b, s) => depthwiseConv(b, '', { in: s, size: 3, stride: 2, init }),
  ],
  [
    'depthwise 5×5 on one pixel',
    2,
    [1, 1, 3],
    (b, s) => depthwiseConv(b, '', { in: s, size: 5, stride: 1, init }),
  ],
  ['batch norm of one channel', 3, [1, 3, 1], (b, s) => batchNorm(b, '', s)],
  ['squeeze and excitation of one pixel', 1, [1, 1, 5], (b, s) => squeezeExcite(b, '', s, 1)],
  [
    'wide block on 5 × 5',
    2,
    [5, 5, 1],
    (b, s) => wideBlock(b, '', { in: s, out: 3, stride: 1, first: false }),
  ],
  ['bottleneck / 2 on 5 × 5', 2, [5, 5, 3], (b, s) => bottleneck(b, '', { in: s, width: 1, stride: 2 })],
  ['moved shortcut / 2 on 5 × 5', 2, [5, 5, 1], (b, s) => shortcut(b, '', { in: s, out: 2, stride: 2 })],
  [
    'MBConv / 2 on 5 × 5',
    2,
    [5, 5, 2],
    (b, s) => mbConv(b, '', { in: s, out: 3, kernel: 3, expand: 2, stride: 2, survival: 1 }),
  ],
]

/** Σ of output times fixed numbers, as a function of weights and input; and a point to take its gradient at. */
export function oddCase(name: string) {
  const [, rows, shape, make] = ODD_SHAPES.find(([candidate]) => candidate === name)!
  const builder = new LayoutBuilder()
  const layer = make(builder, shape)
  const network: Network = builder.finish(
    { name, inputShape: shape, numClasses: 0 },
    (bound, x) => layer(bound, x) as unknown as tf.Tensor2D,
  )
  const random = randomStream(11, 'slices')
  const draw = (count: number) => Float32Array.from({ length: count }, () => random.normal())
  const size = (sides: readonly number[]) => sides.reduce((a, b) => a * b, 1)
  const stats = initBatchStats(network)
  const weights = draw(rows * size(layer.out))
  return {
    theta: draw(network.params.size),
    input: draw(rows * size(shape)),
    /** [rows, H, W, C] */
    inputShape: [rows, ...shape] as [number, number, number, number],
    draw,
    value: (theta: tf.Tensor, input: tf.Tensor): tf.Scalar => {
      const batchStats = tf.tensor1d(stats)
      const { logits } = network.forward(theta as tf.Tensor1D, batchStats, input as tf.Tensor4D, true)
      return tf.sum(tf.mul(logits, tf.tensor(weights, [rows, ...layer.out])))
    },
  }
}

/** The gradient by weights and by input, one after the other. */
export async function oddGradient(name: string): Promise<Float32Array> {
  const { theta, input, inputShape, value } = oddCase(name)
  const [byTheta, byInput] = tf.grads(value)([tf.tensor1d(theta), tf.tensor4d(input, inputShape)])
  const all = [...(await byTheta.data()), ...(await byInput.data())]
  return Float32Array.from(all)
}
