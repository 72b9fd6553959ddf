/**
 * The layers all networks are made of: each declares its parameters and its line of the summary when built, and
 * returns what it does. Activations are NHWC, convolution kernels HWIO, dense kernels [in, out], all float32.
 */
import {
  type Activation,
  activate,
  type BatchNormSettings,
  batchMoments,
  batchNormAct,
  normaliseAct,
  normaliseRunning,
} from '../../engine/ops/batchNorm/batchNorm'
import { convolve } from '../../engine/ops/convolution/convolve'
import { type DenseActivation, denseAct } from '../../engine/ops/dense/dense'
import { globalMean } from '../../engine/ops/pooling/pooling'
import * as tf from '../../engine/tf'
import { type Bound, type Layer, type LayoutBuilder, layerOf, type MapShape, under } from './builder'
import { ones, zeros } from './initializers'
import type { Initializer } from './network'

export interface ConvOptions {
  in: MapShape
  /** Channels. */
  out: number
  /** Side of the square kernel. */
  size: number
  stride?: number
  /** SAME as XLA has it (the odd pixel of padding at the end), or so many zeros on every side. */
  padding?: 'same' | number
  bias?: boolean
  init: Initializer
}

export function conv(builder: LayoutBuilder, path: string, options: ConvOptions): Layer {
  const { in: shape, out, size, stride = 1, padding = 'same', bias = false, init } = options
  const [height, width, channels] = shape
  const names = { kernel: under(path, 'kernel'), bias: under(path, 'bias') }
  builder.param(names.kernel, [size, size, channels, out], 'kernel', init)
  if (bias) builder.param(names.bias, [out], 'bias', zeros)
  const side = (length: number) =>
    padding === 'same' ? Math.ceil(length / stride) : Math.floor((length + 2 * padding - size) / stride) + 1
  const outShape: MapShape = [side(height), side(width), out]
  const taps = size * size * channels
  builder.row({
    path,
    kind: `conv ${size}×${size}${strided(stride)}`,
    in: shape,
    out: outShape,
    params: taps * out + (bias ? out : 0),
    flops: 2 * taps * outShape[0] * outShape[1] * out,
  })
  return layerOf(outShape, (bound, x) =>
    bound.observe(
      path,
      bound.apply(x, (param, part) => {
        const y = convolve(part, param(names.kernel) as tf.Tensor4D, stride, padding)
        return bias ? tf.add(y, param(names.bias)) : y
      }),
    ),
  )
}

/** One filter per channel, SAME padding, no bias. */
export function depthwiseConv(
  builder: LayoutBuilder,
  path: string,
  options: { in: MapShape; size: number; stride: number; init: Initializer },
): Layer {
  const { in: shape, size, stride, init } = options
  const [height, width, channels] = shape
  const kernel = under(path, 'depthwise_kernel')
  builder.param(kernel, [size, size, channels, 1], 'depthwise_kernel', init)
  const out: MapShape = [Math.ceil(height / stride), Math.ceil(width / stride), channels]
  const params = size * size * channels
  builder.row({
    path,
    kind: `depthwise ${size}×${size}${strided(stride)}`,
    in: shape,
    out,
    params,
    flops: 2 * params * out[0] * out[1],
  })
  return layerOf(out, (bound, x) =>
    bound.observe(
      path,
      bound.apply(x, (param, part) => tf.depthwiseConv2d(part, param(kernel) as tf.Tensor4D, stride, 'same')),
    ),
  )
}

const strided = (stride: number) => (stride > 1 ? ` / ${stride}` : '')

/** y = act(x·W + b), W [in, out]. */
export function dense(
  builder: LayoutBuilder,
  path: string,
  options: { in: number; out: number; init: Initializer; activation?: DenseActivation },
): (bound: Bound, x: tf.Tensor2D) => tf.Tensor2D {
  const kernel = under(path, 'kernel')
  const bias = under(path, 'bias')
  builder.param(kernel, [options.in, options.out], 'dense', options.init)
  builder.param(bias, [options.out], 'bias', zeros)
  const weights = options.in * options.out
  const shapes = { in: [options.in], out: [options.out] }
  builder.row({ path, kind: 'dense', ...shapes, params: weights + options.out, flops: 2 * weights })
  const { activation = 'none' } = options
  const product = (bound: Bound, x: tf.Tensor2D, act: DenseActivation) =>
    bound.apply(x, (param, part) =>
      denseAct(part, param(kernel) as tf.Tensor2D, param(bias) as tf.Tensor1D, act),
    )
  return (bound, x) => {
    if (!bound.isObserved) return product(bound, x, activation)
    return activate(bound.observe(path, product(bound, x, 'none')), activation)
  }
}

export interface BatchNormOptions {
  momentum?: number
  epsilon?: number
  /** γ at the start; 1 unless said. */
  scaleInit?: Initializer
  /** Applied to the result; one op with it where the device has a kernel for that. */
  activation?: Activation
}

/**
 * Batch normalisation over all axes but the last, then `activation`. In training the batch's own mean and biased variance
 * E[x²] − E[x]² are used, gradients flow through them, and the running statistics become
 * momentum·old + (1 − momentum)·batch; in evaluation, and where they are frozen, the running ones are used.
 * Source: Ioffe & Szegedy 2015, alg. 1; the reference's constants.
 */
export function batchNorm(
  builder: LayoutBuilder,
  path: string,
  shape: MapShape,
  { momentum = 0.9, epsilon = 1e-5, scaleInit = ones, activation = 'none' }: BatchNormOptions = {},
): Layer {
  const channels = shape[2]
  const scale = under(path, 'scale')
  const bias = under(path, 'bias')
  builder.param(scale, [channels], 'scale', scaleInit)
  builder.param(bias, [channels], 'bias', zeros)
  builder.stats(path, channels)
  builder.row({ path, kind: 'batch norm', in: shape, out: shape, params: 2 * channels, flops: 0 })
  const names = { mean: `/${path}:mean`, var: `/${path}:var` }

  function normalised(bound: Bound, x: tf.Tensor4D, settings: BatchNormSettings): tf.Tensor4D {
    const running = () => ({ mean: bound.stat(names.mean), variance: bound.stat(names.var) })
    const given = (statistics: ReturnType<typeof running>, normalise = normaliseAct) =>
      bound.apply(x, (param, part) =>
        normalise(part, statistics, param(scale) as tf.Tensor1D, param(bias) as tf.Tensor1D, settings),
      )
    if (!bound.batchStatistics) return given(running(), normaliseRunning)
    if (bound.sharedParams) {
      return bound.apply(x, (param, whole) => {
        const [gamma, beta] = [param(scale), param(bias)] as tf.Tensor1D[]
        const { y, statistics } = batchNormAct(whole, gamma, beta, settings)
        bound.updateStats(path, statistics, momentum)
        return y
      })
    }
    // Replicas with weights of their own share the statistics of the whole batch, gradients included.
    const batch = batchMoments(x)
    bound.updateStats(path, tf.stack([batch.mean, batch.variance]) as tf.Tensor2D, momentum)
    return given(batch)
  }

  return layerOf(shape, (bound, x) => {
    if (!bound.isObserved) return normalised(bound, x, { epsilon, activation })
    return activate(bound.observe(path, normalised(bound, x, { epsilon, activation: 'none' })), activation)
  })
}

/** Shows the output of a whole module under its path. */
export function module(
  path: string,
  out: MapShape,
  run: (bound: Bound, x: tf.Tensor4D) => tf.Tensor4D,
): Layer {
  return layerOf(out, (bound, x) => bound.observe(path, run(bound, x)))
}

/** relu'(0) = 0. */
export const relu = (x: tf.Tensor4D): tf.Tensor4D => tf.relu(x)

/** x·sigmoid(x). Source: Ramachandran et al. 2017. */
export const swish = (x: tf.Tensor4D): tf.Tensor4D => tf.mul(x, tf.sigmoid(x))

export const maxPool2x2 = (x: tf.Tensor4D): tf.Tensor4D => tf.maxPool(x, 2, 2, 'valid')

/** VALID: rows and columns that do not fill a window are dropped. */
export const averagePool = (x: tf.Tensor4D, size: number, stride: number): tf.Tensor4D =>
  tf.avgPool(x, size, stride, 'valid')

/** Appends channels of zeros. */
export const padChannels = (x: tf.Tensor4D, missing: number): tf.Tensor4D =>
  missing === 0
    ? x
    : tf.pad4d(x, [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, missing],
      ])

/** Mean over the whole map: [N, H, W, C] → [N, C]. */
export const globalAveragePool = (x: tf.Tensor4D): tf.Tensor2D => globalMean(x)

export const flatten = (x: tf.Tensor4D): tf.Tensor2D => tf.reshape(x, [x.shape[0], -1])
