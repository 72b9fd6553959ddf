/**
 * Goldens of single layers. Which layer is meant is read off the names of its parameters, and where it has none, off its
 * own name (`avg_pool_2x2_s2_in7`). Strides and padding stand in its kwargs, its name or its shapes.
 */
import type { Stored } from '../files'
import { type Fields, type GoldenCase, isFields, type Tensors, Unsupported, within } from '../golden'
import type { LayerFields } from '../replay/layers/layerCases'
import { needTensor } from '../replay/vectors'
import { caseOf, fieldsOf, maybe } from './words'

type Named = Stored & { json: { cases: Record<string, Fields> } }

export function isLayers({ json, tensors }: Stored): boolean {
  const names = Object.keys(fieldsOf(fieldsOf(json).cases))
  return names.length > 0 && names.every((name) => tensors.has(`${name}/y`))
}

/** Cases whose gradients are averaged over replicas are another kind. */
export const isSync = ({ json, tensors }: Stored): boolean =>
  Object.keys(fieldsOf(fieldsOf(json).cases)).some((name) => within(tensors, `${name}/grad_mean/`).size > 0)

export function layers(stored: Stored): GoldenCase[] {
  const { name, json, tensors } = stored as Named
  const names = new Set([...tensors.keys()].map((key) => key.slice(0, key.indexOf('/'))))
  return [...names].map((one) =>
    caseOf(`${name}/${one}`, () => {
      const fields = json.cases[one] ?? {}
      const own = within(tensors, `${one}/`)
      const prefix = { tensors: `${one}/` }
      const shapes = fieldsOf(fields.params) as Shapes
      if (Object.keys(shapes).length === 0)
        return { ...prefix, layer: functionOf(one, fields, own, json.cases) }
      const kwargs = fieldsOf(fields.kwargs)
      const train = kwargs.train ?? fields.train ?? !/eval|train_?False/i.test(one)
      const shape = (key: string) => needTensor(own, key).shape.slice(1)
      return {
        ...prefix,
        layer: moduleOf(one, shapes, shape('x'), shape('y'), kwargs),
        train: train === true,
      }
    }),
  )
}

export function sync(stored: Stored): GoldenCase[] {
  const { name, json, tensors } = stored as Named
  return Object.entries(json.cases).map(([one, fields]) =>
    caseOf(`${name}/${one}`, () => {
      const shape = (key: string) => needTensor(tensors, `${one}/${key}`).shape.slice(2)
      return {
        tensors: `${one}/`,
        // Batch norm alone is EfficientNet's: no other looks across replicas.
        layer: moduleOf(`${one} sync`, fieldsOf(fields.params) as Shapes, shape('x'), shape('y')),
        frozen_statistics: fields.from_pretrained_checkpoint === true,
      }
    }),
  )
}

type Shapes = Readonly<Record<string, readonly number[]>>

function moduleOf(
  name: string,
  shapes: Shapes,
  input: readonly number[],
  output: readonly number[],
  kwargs: Fields = {},
): LayerFields {
  for (const [key, [height, width, ...rest]] of Object.entries(shapes)) {
    if (rest.length === 2 && height !== width) {
      throw new Unsupported(`${name}: ${key} is ${height} × ${width}; no network of ours has such a kernel`)
    }
  }
  const stride = strideOf(name, kwargs, input[0], output[0])
  const at = { out: output[2], stride }
  const has = (key: string) => key in shapes
  const channels = (key: string) => shapes[key][3]
  if (has('depthwise_conv2d/depthwise_kernel')) {
    const expand = has('expand_conv2d_0/kernel') ? channels('expand_conv2d_0/kernel') / input[2] : 1
    return { type: 'mb_conv', ...at, kernel: shapes['depthwise_conv2d/depthwise_kernel'][0], expand }
  }
  if (has('reduce_conv2d_0/kernel')) {
    return { type: 'squeeze_excite', squeezed: channels('reduce_conv2d_0/kernel') }
  }
  if (has('conv_a_1/kernel')) return { type: 'shake_block', ...at }
  if (has('1x1_conv_contract/kernel')) {
    const { mask_prob: survival } = kwargs
    if (typeof survival !== 'number') throw new Unsupported(`${name}: mask_prob stands nowhere`)
    return { type: 'pyramid_block', ...at, width: channels('1x1_conv_contract/kernel'), survival }
  }
  if (has('bn_residual/scale')) return { type: 'shake_shortcut', ...at }
  if (has('init_bn/scale')) return { type: 'wide_block', ...at, first: /first/.test(name) }
  if (has('BatchNorm_5/scale')) return { type: 'bottleneck', ...at, width: channels('Conv_0/kernel') }
  if (has('depthwise_kernel')) return { type: 'depthwise_conv', size: shapes.depthwise_kernel[0], stride }
  if (has('scale')) {
    const own = { momentum: maybe(kwargs.momentum), epsilon: maybe(kwargs.epsilon) }
    return { type: 'batch_norm', efficient_net: /eff|sync/.test(name), ...own }
  }
  if (has('kernel') && shapes.kernel.length === 4) {
    const size = shapes.kernel[0]
    const padding = paddingOf(name, kwargs, size, stride, [input[0], output[0]])
    return { type: 'conv', ...at, size, padding, bias: has('bias') }
  }
  if (has('kernel')) return { type: 'dense', in: shapes.kernel[0], out: shapes.kernel[1] }
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

const PLAIN = ['relu', 'swish', 'log_softmax', 'sigmoid'] as const

function functionOf(name: string, fields: Fields, tensors: Tensors, all: Fields): LayerFields {
  if (/pool/.test(name)) return poolOf(name, tensors)
  const plain = PLAIN.find((type) => name.includes(type))
  if (plain) return { type: plain }
  if (/output_add/.test(name)) return { type: 'merge_residual' }
  if (/pyramid_shortcut/.test(name)) {
    const [, size, , out] = needTensor(tensors, 'y').shape
    return { type: 'pyramid_shortcut', size, out }
  }
  if (tensors.has('gate_forward')) return { type: 'shake' }
  if (/shake_drop/.test(name)) {
    const others = Object.values(all).filter(isFields)
    const naming = others.filter(({ y_eval }) => String(y_eval ?? '').includes(name))
    const probabilities = [fields, ...naming, ...others].map(({ mask_prob }) => mask_prob)
    const survival = probabilities.find((value) => typeof value === 'number')
    if (survival === undefined) throw new Unsupported(`${name}: mask_prob stands nowhere`)
    return { type: 'shake_drop', survival, true_gradient: /true|tgTrue/.test(name) }
  }
  const { survival } = fields
  if (tensors.has('keep') && typeof survival === 'number') return { type: 'drop', survival }
  throw new Unsupported(`layer ${name}`)
}

/** `avg_pool_2x2_s2`, `max_pool_3x3_s2_same`, `global_avg_pool`. */
function poolOf(name: string, tensors: Tensors): LayerFields {
  const [, height, width] = /_(\d+)x(\d+)/.exec(name) ?? []
  const average = /avg|average|mean/.test(name)
  if (height === undefined && average) return { type: 'global_average_pool' }
  if (height === undefined || height !== width) throw new Unsupported(`layer ${name}`)
  const size = Number(height)
  const stride = Number(/_s(\d+)/.exec(name)?.[1] ?? 1)
  if (average) return { type: 'average_pool', size, stride }
  const valid = /valid/i.test(name)
  if (size === 3 && stride === 2 && !valid) return { type: 'stem_pool' }
  const [from, to] = ['x0', 'y'].map((key) => needTensor(tensors, key).shape[1])
  return {
    type: 'max_pool',
    size,
    stride,
    padding: !valid && to === Math.ceil(from / stride) ? 'same' : 'valid',
  }
}
