/**
 * Which of our layers a unit golden speaks of: read off the names of its parameters, and where it has none, off its
 * own name (`avg_pool_2x2_s2_in7`). Strides and padding stand in its kwargs, its name or its shapes.
 */
import { type Layer, LayoutBuilder, layerOf, type MapShape } from '../../src/core/models/builder'
import { dropByGate } from '../../src/core/models/gates'
import { zeros } from '../../src/core/models/initializers'
import {
  averagePool,
  batchNorm,
  conv,
  dense,
  depthwiseConv,
  globalAveragePool,
  relu,
  swish,
} from '../../src/core/models/layers'
import { EFFICIENT_NORM, mbConv, squeezeExcite } from '../../src/core/models/mbConv'
import type { Network } from '../../src/core/models/network'
import { pyramidBlock, pyramidShortcut, shakeDrop } from '../../src/core/models/pyramidNet'
import { bottleneck, stemPool } from '../../src/core/models/resnet'
import { shake, shakeBlock, shortcut } from '../../src/core/models/shakeShake'
import { mergeResidual, wideBlock } from '../../src/core/models/wideResnet'
import * as tf from '../../src/engine/tf'
import { Unsupported } from './checks'
import { type Fields, isFields, type Tensors } from './golden'

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
    const kwargs = isFields(fields.kwargs) ? fields.kwargs : {}
    const train = kwargs.train ?? fields.train ?? !/eval|train_?False/i.test(name)
    return { network: moduleNetwork(name, shapes, shape('x'), shape('y'), kwargs), train: train === true }
  }
  return functionCase(name, fields, tensors, all)
}

/**
 * A module by itself: its parameters have no path in front.
 * @param kwargs of the module, where a golden has any
 */
export function moduleNetwork(
  name: string,
  shapes: Shapes,
  input: readonly number[],
  output: readonly number[],
  kwargs: Fields = {},
): Network {
  for (const [key, kernel] of Object.entries(shapes)) {
    if (kernel.length === 4 && kernel[0] !== kernel[1]) {
      throw new Unsupported(
        `${name}: ${key} is ${kernel[0]} × ${kernel[1]}; no network of ours has such a kernel`,
      )
    }
  }
  const builder = new LayoutBuilder()
  const shape = input as unknown as MapShape
  const at = { in: shape, out: output[2], stride: strideOf(name, kwargs, input[0], output[0]) }
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
  if (has('conv_a_1/kernel')) return finish(shakeBlock(builder, '', at))
  if (has('1x1_conv_contract/kernel')) {
    const width = shapes['1x1_conv_contract/kernel'][3]
    return finish(pyramidBlock(builder, '', { ...at, width, survival: survivalOf(name, kwargs) }))
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
    const own = {
      ...(efficient ? EFFICIENT_NORM : {}),
      ...(typeof kwargs.momentum === 'number' && { momentum: kwargs.momentum }),
      ...(typeof kwargs.epsilon === 'number' && { epsilon: kwargs.epsilon }),
    }
    return finish(batchNorm(builder, '', shape, own), efficient)
  }
  if (has('kernel') && shapes.kernel.length === 4) {
    const size = shapes.kernel[0]
    const padding = paddingOf(name, kwargs, size, at.stride, [input[0], output[0]])
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

/** Said by the golden where that is what its shapes show, else read off them as SAME padding has it. */
function strideOf(name: string, kwargs: Fields, from: number, to: number): number {
  const { strides = kwargs.stride } = kwargs
  const said =
    (Array.isArray(strides) ? strides[0] : strides) ?? /(?:^|_)s(?:tride)?(\d+)(?:_|$)/.exec(name)?.[1]
  return said === undefined ? Math.ceil(from / to) : Number(said)
}

/** SAME where it gives the golden's size, else what its name says or its size shows. */
function paddingOf(
  name: string,
  { padding }: Fields,
  size: number,
  stride: number,
  [from, to]: readonly [number, number],
): 'same' | number {
  if (Array.isArray(padding)) return Number([padding].flat(2)[0])
  if (/valid/i.test(`${name} ${padding}`)) return 0
  const said = /pad(\d+)/.exec(name)?.[1]
  if (said !== undefined) return Number(said)
  if (Math.ceil(from / stride) === to) return 'same'
  return Math.max(0, Math.ceil(((to - 1) * stride + size - from) / 2))
}

/** The probability to be kept; of no effect on gradients' shapes, so a golden without one is not replayed. */
function survivalOf(name: string, { mask_prob }: Fields): number {
  if (typeof mask_prob === 'number') return mask_prob
  throw new Unsupported(`${name}: mask_prob stands nowhere`)
}

function functionCase(name: string, fields: Fields, tensors: Tensors, all: Fields): LayerCase {
  const size = (tensor: string) => tensors.get(tensor)?.shape ?? []
  const gate = (tensor: string) => {
    const { data } = tensors.get(tensor)!
    const width = data.length / (tensors.get('x')?.shape[0] ?? data.length)
    return tf.tensor4d(Float32Array.from(data), [data.length / width, 1, 1, width])
  }
  if (/pool/.test(name)) return poolCase(name, size('x0'), size('y'))
  if (/relu/.test(name)) return unary(relu)
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
    const others = Object.values(all).filter(isFields)
    const naming = others.filter(({ y_eval }) => String(y_eval ?? '').includes(name))
    const siblings = [fields, ...naming, ...others]
    const survival = siblings.map(({ mask_prob }) => mask_prob).find((value) => typeof value === 'number')
    if (survival === undefined) throw new Unsupported(`${name}: mask_prob stands nowhere`)
    return shakeDropCase(tensors, survival, /true|tgTrue/.test(name))
  }
  if (tensors.has('keep') && typeof fields.survival === 'number') {
    const { survival } = fields
    // Dropout's features have no height or width.
    const run = (x: tf.Tensor4D) =>
      x.rank === 4
        ? dropByGate(x, gate('keep'), survival)
        : dropByGate(tf.reshape(x, [x.shape[0], 1, 1, -1]) as tf.Tensor4D, gate('keep'), survival)
    return { inputs: ['x'], run }
  }
  throw new Unsupported(`layer ${name}`)
}

const unary = (run: (x: tf.Tensor4D) => tf.Tensor): LayerCase => ({ inputs: ['x0'], run })

/** `avg_pool_2x2_s2`, `max_pool_3x3_s2_same`, `global_avg_pool`. */
function poolCase(name: string, input: readonly number[], output: readonly number[]): LayerCase {
  const [, height, width] = /_(\d+)x(\d+)/.exec(name) ?? []
  const average = /avg|average|mean/.test(name)
  if (height === undefined && average) return unary(globalAveragePool)
  if (height === undefined || height !== width) throw new Unsupported(`layer ${name}`)
  const side = Number(height)
  const stride = Number(/_s(\d+)/.exec(name)?.[1] ?? 1)
  if (average) return unary((x) => averagePool(x, side, stride))
  if (side === 3 && stride === 2 && !/valid/i.test(name)) return unary(stemPool)
  const same = !/valid/i.test(name) && output[1] === Math.ceil(input[1] / stride)
  return unary((x) => tf.maxPool(x, side, stride, same ? 'same' : 'valid'))
}

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
