/** The layers of unit goldens, by their type. */
import { type Layer, LayoutBuilder, layerOf, type MapShape } from '../../../src/core/models/builder'
import { dropByGate } from '../../../src/core/models/gates'
import { zeros } from '../../../src/core/models/initializers'
import {
  averagePool,
  batchNorm,
  conv,
  dense,
  depthwiseConv,
  globalAveragePool,
  relu,
  swish,
} from '../../../src/core/models/layers'
import { EFFICIENT_NORM, mbConv, squeezeExcite } from '../../../src/core/models/mbConv'
import type { Network } from '../../../src/core/models/network'
import { pyramidBlock, pyramidShortcut, shakeDrop } from '../../../src/core/models/pyramidNet'
import { bottleneck, stemPool } from '../../../src/core/models/resnet'
import { shake, shakeBlock, shortcut } from '../../../src/core/models/shakeShake'
import { mergeResidual, wideBlock } from '../../../src/core/models/wideResnet'
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import type { Tensors } from '../../golden'
import { needTensor } from '../vectors'

const { strictObject, literal, number } = z
const out = { out: number(), stride: number() }

/** Layers with parameters. `out` is channels. */
const moduleFields = z.discriminatedUnion('type', [
  strictObject({
    type: literal('conv'),
    ...out,
    size: number(),
    padding: z.union([literal('same'), number()]),
    bias: z.boolean(),
  }),
  strictObject({ type: literal('depthwise_conv'), size: number(), stride: number() }),
  strictObject({ type: literal('dense'), in: number(), out: number() }),
  strictObject({
    type: literal('batch_norm'),
    efficient_net: z.boolean(),
    momentum: number().optional(),
    epsilon: number().optional(),
  }),
  strictObject({ type: literal('mb_conv'), ...out, kernel: number(), expand: number() }),
  strictObject({ type: literal('squeeze_excite'), squeezed: number() }),
  strictObject({ type: literal('shake_block'), ...out }),
  strictObject({ type: literal('shake_shortcut'), ...out }),
  strictObject({ type: literal('pyramid_block'), ...out, width: number(), survival: number() }),
  strictObject({ type: literal('wide_block'), ...out, first: z.boolean() }),
  strictObject({ type: literal('bottleneck'), ...out, width: number() }),
])

/** Functions of tensors alone. */
const functionFields = z.discriminatedUnion('type', [
  strictObject({ type: literal('average_pool'), size: number(), stride: number() }),
  strictObject({ type: literal('global_average_pool') }),
  strictObject({
    type: literal('max_pool'),
    size: number(),
    stride: number(),
    padding: z.enum(['same', 'valid']),
  }),
  strictObject({ type: literal('stem_pool') }),
  strictObject({ type: z.enum(['relu', 'swish', 'sigmoid', 'log_softmax', 'merge_residual']) }),
  strictObject({ type: literal('pyramid_shortcut'), size: number(), out: number() }),
  strictObject({ type: literal('shake') }),
  strictObject({ type: literal('shake_drop'), survival: number(), true_gradient: z.boolean() }),
  strictObject({ type: literal('drop'), survival: number() }),
])

export const layerFields = z.union([moduleFields, functionFields])
export type LayerFields = z.infer<typeof layerFields>
type ModuleFields = z.infer<typeof moduleFields>
type FunctionFields = z.infer<typeof functionFields>

export type LayerFunction = { inputs: readonly string[]; run(...inputs: tf.Tensor4D[]): tf.Tensor }

export const isModule = (fields: LayerFields): fields is ModuleFields =>
  moduleFields.safeParse(fields).success

/** A module by itself, as a network: its parameters have no path in front. */
export function moduleNetwork(name: string, fields: ModuleFields, input: readonly number[]): Network {
  const builder = new LayoutBuilder()
  const shape = input as unknown as MapShape
  const finish = (layer: Layer, crossReplica = false) =>
    builder.finish(
      { name, inputShape: shape, numClasses: 0, crossReplica },
      // A layer's output takes the place of logits, whatever its rank.
      (bound, x) => layer(bound, x) as unknown as tf.Tensor2D,
    )
  const at = <T>(rest: T) => ({ in: shape, ...rest })
  switch (fields.type) {
    case 'conv':
      return finish(conv(builder, '', at({ ...fields, init: zeros })))
    case 'depthwise_conv':
      return finish(depthwiseConv(builder, '', at({ ...fields, init: zeros })))
    case 'dense': {
      const layer = dense(builder, '', { in: fields.in, out: fields.out, init: zeros })
      const inputShape = [1, 1, fields.in] as const
      return builder.finish({ name, inputShape, numClasses: fields.out }, (bound, x) =>
        layer(bound, x as unknown as tf.Tensor2D),
      )
    }
    case 'batch_norm': {
      const { efficient_net, momentum, epsilon } = fields
      const own = { ...(momentum !== undefined && { momentum }), ...(epsilon !== undefined && { epsilon }) }
      const norm = { ...(efficient_net && EFFICIENT_NORM), ...own }
      return finish(batchNorm(builder, '', shape, norm), efficient_net)
    }
    case 'mb_conv':
      return finish(mbConv(builder, '', at({ ...fields, survival: 1 })), true)
    case 'squeeze_excite':
      return finish(squeezeExcite(builder, '', shape, fields.squeezed), true)
    case 'shake_block':
      return finish(shakeBlock(builder, '', at(fields)))
    case 'shake_shortcut':
      return finish(shortcut(builder, '', at(fields)))
    case 'pyramid_block':
      return finish(pyramidBlock(builder, '', at(fields)))
    case 'wide_block':
      return finish(wideBlock(builder, '', at(fields)))
    case 'bottleneck':
      return finish(bottleneck(builder, '', at(fields)))
  }
}

/** @param tensors of the case: gates are among them */
export function layerFunction(fields: FunctionFields, tensors: Tensors): LayerFunction {
  const unary = (run: (x: tf.Tensor4D) => tf.Tensor): LayerFunction => ({ inputs: ['x0'], run })
  const gate = (name: string) => {
    const { data } = needTensor(tensors, name)
    const width = data.length / (tensors.get('x')?.shape[0] ?? data.length)
    return tf.tensor4d(Float32Array.from(data), [data.length / width, 1, 1, width])
  }
  switch (fields.type) {
    case 'average_pool':
      return unary((x) => averagePool(x, fields.size, fields.stride))
    case 'global_average_pool':
      return unary(globalAveragePool)
    case 'max_pool':
      return unary((x) => tf.maxPool(x, fields.size, fields.stride, fields.padding))
    case 'stem_pool':
      return unary(stemPool)
    case 'relu':
      return unary(relu)
    case 'swish':
      return unary(swish)
    case 'sigmoid':
      return unary((x) => tf.sigmoid(x))
    case 'log_softmax':
      return unary((x) => tf.logSoftmax(x))
    case 'merge_residual':
      return { inputs: ['x0', 'x1'], run: mergeResidual }
    case 'pyramid_shortcut':
      return unary((x) => pyramidShortcut(x, fields.size, fields.out))
    case 'shake': {
      const backward = tensors.has('gate_backward') ? gate('gate_backward') : undefined
      return { inputs: ['a', 'b'], run: (a, b) => shake(a, b, gate('gate_forward'), backward) }
    }
    case 'shake_drop':
      return shakeDropFunction(tensors, fields.survival, fields.true_gradient)
    case 'drop': {
      // Dropout's features have no height or width.
      const asMap = (x: tf.Tensor4D) =>
        x.rank === 4 ? x : (tf.reshape(x, [x.shape[0], 1, 1, -1]) as tf.Tensor4D)
      return { inputs: ['x'], run: (x) => dropByGate(asMap(x), gate('keep'), fields.survival) }
    }
  }
}

function shakeDropFunction(tensors: Tensors, survival: number, trueGradient: boolean): LayerFunction {
  const builder = new LayoutBuilder()
  const drop = shakeDrop(builder, '', survival)
  const shape = needTensor(tensors, 'x').shape.slice(1) as unknown as MapShape
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
