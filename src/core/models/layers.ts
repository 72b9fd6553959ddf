/**
 * The layers all networks are made of: each declares its parameters when built and returns what it does.
 * Activations are NHWC, convolution kernels HWIO, dense kernels [in, out], all float32.
 */
import * as tf from '../../engine/tf'
import type { Bound, Layer, LayoutBuilder } from './builder'
import { ones, zeros } from './initializers'
import type { Initializer } from './network'

export interface ConvOptions {
  in: number
  out: number
  /** Side of the square kernel. */
  size: number
  stride?: number
  init: Initializer
}

/** Convolution without bias, SAME padding as XLA has it (the odd pixel of padding at the end). */
export function conv(builder: LayoutBuilder, path: string, options: ConvOptions): Layer {
  const { in: channels, out, size, stride = 1, init } = options
  const kernel = `${path}/kernel`
  builder.param(kernel, [size, size, channels, out], 'kernel', init)
  return (bound, x) => tf.conv2d(x, bound.param(kernel) as tf.Tensor4D, stride, 'same')
}

/** y = x·W + b, W [in, out]. */
export function dense(
  builder: LayoutBuilder,
  path: string,
  options: { in: number; out: number; init: Initializer },
): (bound: Bound, x: tf.Tensor2D) => tf.Tensor2D {
  const kernel = `${path}/kernel`
  const bias = `${path}/bias`
  builder.param(kernel, [options.in, options.out], 'dense', options.init)
  builder.param(bias, [options.out], 'bias', zeros)
  return (bound, x) => tf.add(tf.matMul(x, bound.param(kernel) as tf.Tensor2D), bound.param(bias))
}

export interface BatchNormOptions {
  momentum?: number
  epsilon?: number
}

/**
 * Batch normalisation over all axes but the last. In training the batch's own mean and biased variance
 * E[x²] − E[x]² are used, gradients flow through them, and the running statistics become
 * momentum·old + (1 − momentum)·batch; in evaluation the running ones are used.
 * Source: Ioffe & Szegedy 2015, alg. 1; the reference's constants.
 */
export function batchNorm(
  builder: LayoutBuilder,
  path: string,
  channels: number,
  { momentum = 0.9, epsilon = 1e-5 }: BatchNormOptions = {},
): Layer {
  const scale = `${path}/scale`
  const bias = `${path}/bias`
  builder.param(scale, [channels], 'scale', ones)
  builder.param(bias, [channels], 'bias', zeros)
  builder.stats(path, channels)
  const names = { mean: `/${path}:mean`, var: `/${path}:var` }
  return (bound, x) => {
    const running = { mean: bound.stat(names.mean), var: bound.stat(names.var) }
    let { mean, var: variance } = running
    if (bound.train) {
      const axes = x.shape.map((_, axis) => axis).slice(0, -1)
      mean = tf.mean(x, axes) as tf.Tensor1D
      variance = tf.sub(tf.mean(tf.square(x), axes), tf.square(mean)) as tf.Tensor1D
      bound.updateStat(names.mean, blend(running.mean, mean, momentum))
      bound.updateStat(names.var, blend(running.var, variance, momentum))
    }
    const gain = tf.mul(bound.param(scale), tf.rsqrt(tf.add(variance, epsilon)))
    return tf.add(tf.mul(tf.sub(x, mean), gain), bound.param(bias))
  }
}

function blend(old: tf.Tensor1D, batch: tf.Tensor1D, momentum: number): tf.Tensor1D {
  return tf.add(tf.mul(old, momentum), tf.mul(batch, 1 - momentum))
}

/** relu'(0) = 0. */
export const relu = (x: tf.Tensor4D): tf.Tensor4D => tf.relu(x)

/** x·sigmoid(x). Source: Ramachandran et al. 2017. */
export const swish = (x: tf.Tensor4D): tf.Tensor4D => tf.mul(x, tf.sigmoid(x))

export const maxPool2x2 = (x: tf.Tensor4D): tf.Tensor4D => tf.maxPool(x, 2, 2, 'valid')

/** Mean over the whole map: [N, H, W, C] → [N, C]. */
export const globalAveragePool = (x: tf.Tensor4D): tf.Tensor2D => tf.mean(x, [1, 2])

export const flatten = (x: tf.Tensor4D): tf.Tensor2D => tf.reshape(x, [x.shape[0], -1])
