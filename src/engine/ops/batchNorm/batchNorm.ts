/**
 * Batch norm and the activation after it as one op. On WebGPU it is two kernels forwards and two backwards; elsewhere,
 * and where second derivatives are taken, a composition of tfjs ops.
 * Source: Ioffe & Szegedy 2015, alg. 1.
 */

import * as tf from '../../tf'
import { canFuse, canRun, differentiable, runFused } from '../../tf/kernels'
import { gate } from '../flat/gate'
import { inHalves, takesHalves } from '../halves/halves'
import { channelDot, channelScale, channelSum } from './channels'

export type Activation = 'none' | 'relu' | 'swish'

export interface BatchNormSettings {
  epsilon: number
  activation: Activation
}

/** Kernel names; the gradient is `…Gradient`. */
export const BATCH_NORM = 'BasinBatchNorm'
export const NORMALISE = 'BasinNormalise'

export interface BatchNormResult<T extends tf.Tensor> {
  y: T
  /** [2 or more, C]: the batch's mean in row 0, its biased variance E[x²] − E[x]² (not clamped) in row 1. */
  statistics: tf.Tensor2D
}

/**
 * act(gamma·(x − mean)/√(var + ε) + beta) with the batch's own statistics over all axes but the last. Gradients flow
 * through them into x; `statistics` themselves are for running averages and carry no gradient.
 * @param x [..., C]
 * @param gamma [C]
 * @param beta [C]
 */
export function batchNormAct<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  settings: BatchNormSettings,
): BatchNormResult<T> {
  if (canFuse(BATCH_NORM, x)) {
    const [y, statistics] = takesHalves(x)
      ? keptInHalves(x, gamma, beta, settings)
      : runFused(BATCH_NORM, { x, gamma, beta }, settings)
    return { y: y as T, statistics: statistics as tf.Tensor2D }
  }
  const { mean, variance } = batchMoments(x)
  return {
    y: composed(x, mean, variance, gamma, beta, settings),
    statistics: tf.stack([mean, variance]) as tf.Tensor2D,
  }
}

/**
 * act(gamma·(x − mean)/√(variance + ε) + beta) with statistics [C] that are given: running ones in evaluation, or
 * averages over replicas, through which gradients flow as through every other argument.
 */
export function normaliseAct<T extends tf.Tensor>(
  x: T,
  statistics: { mean: tf.Tensor1D; variance: tf.Tensor1D },
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  settings: BatchNormSettings,
): T {
  const { mean, variance } = statistics
  // Gradients with respect to given statistics are rare: they come from the composition.
  if (tf.engine().state.gradientDepth === 0 && canFuse(NORMALISE, x)) {
    return runFused(NORMALISE, { x, mean, variance, gamma, beta }, settings)[0] as T
  }
  return composed(x, mean, variance, gamma, beta, settings)
}

/**
 * The same with running statistics, into which no gradient flows. Where second derivatives are taken its gradient is
 * made of few ops that can be differentiated again (channels.ts), instead of those of each op of the composition.
 */
export function normaliseRunning<T extends tf.Tensor>(
  x: T,
  statistics: { mean: tf.Tensor1D; variance: tf.Tensor1D },
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  settings: BatchNormSettings,
): T {
  const { mean, variance } = statistics
  const { activation, epsilon } = settings
  if (tf.engine().state.gradientDepth < 2 || activation === 'swish' || !canRun(NORMALISE, x)) {
    return normaliseAct(x, statistics, gamma, beta, settings)
  }
  const deviation: tf.Tensor1D = tf.rsqrt(tf.add(variance, epsilon))
  const op = tf.customGrad((...args) => {
    const [value, scale, shift, save] = args as unknown as [T, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc]
    const [y] = runFused(NORMALISE, { x: value, mean, variance, gamma: scale, beta: shift }, settings)
    // What relu gave is only asked for its sign: that it stands on the tape too early loses nothing.
    save([value, scale, y, mean, deviation])
    const gradFunc = (dy: tf.Tensor, [before, gain, after, centre, factor]: tf.Tensor[]): tf.Tensor[] => {
      const u = activation === 'relu' ? gate(dy, after) : dy
      return [
        channelScale(u, tf.mul(gain, factor)),
        tf.mul(channelDot(u, tf.sub(before, centre)), factor),
        channelSum(u),
      ]
    }
    return { value: y, gradFunc }
  })
  return op(x, gamma, beta) as T
}

/** Mean and biased variance E[x²] − E[x]² of x [..., C], both [C], differentiable. */
export function batchMoments(x: tf.Tensor): { mean: tf.Tensor1D; variance: tf.Tensor1D } {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1)
  const mean: tf.Tensor1D = tf.mean(x, axes)
  return { mean, variance: tf.sub(tf.mean(tf.square(x), axes), tf.square(mean)) }
}

function composed<T extends tf.Tensor>(
  x: T,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  { epsilon, activation }: BatchNormSettings,
): T {
  const gain = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)))
  return activate(tf.add(tf.mul(tf.sub(x, mean), gain), beta), activation)
}

/** The activation alone; relu′(0) = 0, swish(z) = z·sigmoid(z). */
export function activate<T extends tf.Tensor>(z: T, activation: Activation): T {
  if (activation === 'relu') return tf.relu(z)
  return activation === 'swish' ? tf.mul(z, tf.sigmoid(z)) : z
}

/** As BATCH_NORM, with x in halves for the gradients: it is what a backward pass keeps most of. */
function keptInHalves(
  x: tf.Tensor,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  settings: BatchNormSettings,
): tf.Tensor[] {
  const isKept = tf.engine().isTapeOn()
  return differentiable(
    { x, gamma, beta },
    (save) => {
      const [y, statistics] = runFused(BATCH_NORM, { x, gamma, beta }, settings)
      if (isKept) save([inHalves(x), statistics])
      return [y, statistics]
    },
    ([dy], [half, statistics]) => {
      const gradients = runFused(`${BATCH_NORM}Gradient`, { x: half, dy, statistics }, settings)
      return { x: () => gradients[0], gamma: () => gradients[1], beta: () => gradients[2] }
    },
  )
}

const BATCH_NORM_GRADIENT: tf.GradConfig = {
  kernelName: BATCH_NORM,
  inputsToSave: ['x'],
  outputsToSave: [false, true],
  gradFunc: (dys, [x, statistics], attrs) => {
    const dy = (dys as tf.Tensor[])[0]
    const [dx, gamma, beta] = runFused(`${BATCH_NORM}Gradient`, { x, dy, statistics }, attrs)
    return { x: () => dx, gamma: () => gamma, beta: () => beta }
  },
}

export const gradients = [BATCH_NORM_GRADIENT]
