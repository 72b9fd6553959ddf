/**
 * Which of our layers a unit golden speaks of: read off the names of its parameters, and where it has none, off its
 * own name (`avg_pool_2x2_s2_in7`).
 */
import { type Layer, LayoutBuilder, layerOf, type MapShape } from '../../core/models/builder'
import { dropByGate } from '../../core/models/gates'
import { zeros } from '../../core/models/initializers'
import { averagePool, batchNorm, conv, dense, depthwiseConv, swish } from '../../core/models/layers'
import { EFFICIENT_NORM, mbConv, squeezeExcite } from '../../core/models/mbConv'
import type { Network } from '../../core/models/network'
import { pyramidShortcut, shakeDrop } from '../../core/models/pyramidNet'
import { bottleneck, stemPool } from '../../core/models/resnet'
import { shake, shortcut } from '../../core/models/shakeShake'
import { mergeResidual, wideBlock } from '../../core/models/wideResnet'
import * as tf from '../../engine/tf'
import { Unsupported } from './checks'
import type { Fields, Tensors } from './golden'

/** A layer of a unit golden: with parameters a network of its own, without a function of named tensors. */
export type LayerCase =
  | { network: Network; train: boolean }
  | { inputs: readonly string[]; run(...inputs: tf.Tensor4D[]): tf.Tensor; trueGradient?: boolean }

type Shapes = Readonly<Record<string, readonly number[]>>

/**
 * @param tensors of the case, without its name in front
 * @throws Unsupported when no layer of ours is meant
 */
export function layerCaseOf(name: string, fields: Fields, tensors: Tensors, all: Fields): LayerCase {
  const shapes = (fields.params ?? {}) as Shapes
  if (Object.keys(shapes).length > 0) {
    const shape = (key: string) => (tensors.get(key)?.shape ?? []).slice(1)
    return {
      network: moduleNetwork(name, shapes, shape('x'), shape('y')),
      train: !/eval|train_?False/i.test(name),
    }
  }
  return functionCase(name, fields, tensors, all)
}

/** A module by itself: its parameters have no path in front. */
export function moduleNetwork(
  name: string,
  shapes: Shapes,
  input: readonly number[],
  output: readonly number[],
): Network {
  const builder = new LayoutBuilder()
  const shape = input as unknown as MapShape
  const at = { in: shape, out: output[2], stride: Math.ceil(shape[0] / output[0]) }
  const finish = (layer: Layer, crossReplica = false) =>
    builder.finish(
      { name, inputShape: shape, numClasses: 0, crossReplica },
      (bound, x) =>
        // A layer's output takes the place of logits, whatever its rank.
        layer(bound, x) as unknown as tf.Tensor2D,
    )
  const has = (key: string) => key in shapes
  if (has('depthwise_conv2d/depthwise_kernel')) {
    const expand = has('expand_conv2d_0/kernel') ? shapes['expand_conv2d_0/kernel'][3] / shape[2] : 1
    const kernel = shapes['depthwise_conv2d/depthwise_kernel'][0]
    return finish(mbConv(builder, '', { ...at, kernel, expand, survival: 1 }), true)
  }
  if (has('reduce_conv2d_0/kernel')) {
    return finish(squeezeExcite(builder, '', shape, shapes['reduce_conv2d_0/kernel'][3]), true)
  }
  if (has('bn_residual/scale')) return finish(shortcut(builder, '', at))
  if (has('init_bn/scale')) return finish(wideBlock(builder, '', { ...at, first: /first/.test(name) }))
  if (has('BatchNorm_5/scale')) {
    return finish(bottleneck(builder, '', { ...at, width: shapes['Conv_0/kernel'][3] }))
  }
  if (has('depthwise_kernel')) {
    const size = shapes.depthwise_kernel[0]
    return finish(depthwiseConv(builder, '', { in: shape, size, stride: at.stride, init: zeros }))
  }
  if (has('scale')) {
    const efficient = /eff|sync/.test(name)
    return finish(batchNorm(builder, '', shape, efficient ? EFFICIENT_NORM : {}), efficient)
  }
  if (has('kernel') && shapes.kernel.length === 4) {
    const size = shapes.kernel[0]
    const pad = /pad(\d+)/.exec(name)?.[1]
    const padding = pad === undefined ? 'same' : Number(pad)
    return finish(conv(builder, '', { ...at, size, padding, bias: has('bias'), init: zeros }))
  }
  if (has('kernel')) {
    const layer = dense(builder, '', { in: shapes.kernel[0], out: shapes.kernel[1], init: zeros })
    return builder.finish(
      { name, inputShape: [1, 1, shapes.kernel[0]], numClasses: shapes.kernel[1] },
      (bound, x) => layer(bound, x as unknown as tf.Tensor2D),
    )
  }
  throw new Unsupported(`a layer with parameters ${Object.keys(shapes).join(', ')}`)
}

function functionCase(name: string, fields: Fields, tensors: Tensors, all: Fields): LayerCase {
  const size = (tensor: string) => tensors.get(tensor)?.shape ?? []
  const gate = (tensor: string) => {
    const { data } = tensors.get(tensor)!
    return tf.tensor4d(Float32Array.from(data), [data.length, 1, 1, 1])
  }
  const pool = /(avg|max)_pool_(\d+)x\d+(?:_s(\d+))?/.exec(name)
  if (pool) {
    const [, kind, side, stride = '1'] = pool
    if (kind === 'avg') return unary((x) => averagePool(x, Number(side), Number(stride)))
    if (side === '3' && stride === '2') return unary(stemPool)
    throw new Unsupported(`max pool ${side} × ${side} with stride ${stride}: no network of ours has it`)
  }
  if (/swish/.test(name)) return unary(swish)
  if (/sigmoid/.test(name)) return unary((x) => tf.sigmoid(x))
  if (/log_softmax/.test(name)) return unary((x) => tf.logSoftmax(x))
  if (/output_add/.test(name)) return { inputs: ['x0', 'x1'], run: mergeResidual }
  if (/pyramid_shortcut/.test(name)) {
    const [, height, , channels] = size('y')
    return unary((x) => pyramidShortcut(x, height, channels))
  }
  if (tensors.has('gate_forward')) {
    const backward = tensors.has('gate_backward') ? gate('gate_backward') : undefined
    return { inputs: ['a', 'b'], run: (a, b) => shake(a, b, gate('gate_forward'), backward) }
  }
  if (/shake_drop/.test(name)) {
    const siblings = [fields, ...(Object.values(all) as Fields[])]
    const survival = siblings.map(({ mask_prob }) => mask_prob).find((value) => typeof value === 'number')
    if (survival === undefined) throw new Unsupported(`${name}: mask_prob stands nowhere`)
    return shakeDropCase(tensors, survival, /true|tgTrue/.test(name))
  }
  if (tensors.has('keep') && typeof fields.survival === 'number') {
    const { survival } = fields
    return { inputs: ['x'], run: (x) => dropByGate(x, gate('keep'), survival as number) }
  }
  throw new Unsupported(`layer ${name}`)
}

const unary = (run: (x: tf.Tensor4D) => tf.Tensor): LayerCase => ({ inputs: ['x0'], run })

function shakeDropCase(tensors: Tensors, survival: number, trueGradient: boolean): LayerCase {
  const builder = new LayoutBuilder()
  const drop = shakeDrop(builder, '', survival)
  const shape = tensors.get('x')!.shape.slice(1) as unknown as MapShape
  const layer = layerOf(shape, drop)
  const network = builder.finish(
    { name: 'shake drop', inputShape: shape, numClasses: 0 },
    (bound, x) => layer(bound, x) as unknown as tf.Tensor2D,
  )
  const draws = ['mask', 'alpha', 'beta'].map((name) => tensors.get(name)?.data)
  const train = draws[0] !== undefined
  return {
    inputs: ['x'],
    run(x) {
      const columns = draws.map((data) => tf.tensor1d(Float32Array.from(data ?? [])))
      const gates = train ? (tf.stack(columns, 1) as tf.Tensor2D) : undefined
      const none = tf.tensor1d([])
      return network.forward(none, none, x, train, { gates, trueGradient }).logits
    },
  }
}
