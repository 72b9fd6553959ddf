/**
 * Arithmetic on flat vectors [P] (weights, gradients, optimizer state, directions): one kernel each on WebGPU, tfjs
 * ops elsewhere. None of it carries a gradient in its fused form; inside a gradient the tfjs ops run.
 */

import * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'
import type { FlatName } from './webgpu'

export const FLAT = 'BasinFlat'
export const CLIPPED_NORM = 'BasinClippedNorm'

type Vector = tf.Tensor1D

/** Runs the named kernel where that is possible, else the composition. */
function flat<R>(
  name: FlatName,
  inputs: Record<string, tf.Tensor>,
  constant: number,
  composition: () => R,
  pack: (outputs: Vector[]) => R,
): R {
  if (tf.engine().state.gradientDepth > 0 || !canFuse(FLAT, ...Object.values(inputs))) {
    return composition()
  }
  return pack(runFused(FLAT, inputs, { name, constant }) as Vector[])
}

const first = ([vector]: Vector[]) => vector

/** a + factor·b, only where mask is 1 if there is a mask. */
export function addScaled(a: Vector, b: Vector, factor: number, mask?: Vector): Vector {
  const composition = (): Vector => tf.add(a, tf.mul(mask ? tf.mul(b, mask) : b, factor))
  return mask
    ? flat('addMasked', { a, b, mask }, factor, composition, first)
    : flat('addScaled', { a, b }, factor, composition, first)
}

/** factor·a */
export function scale(a: Vector, factor: number): Vector {
  return flat('scale', { a }, factor, (): Vector => tf.mul(a, factor), first)
}

/** weight·a + (1 − weight)·b */
export function blend(a: Vector, b: Vector, weight: number): Vector {
  const composition = (): Vector => tf.add(tf.mul(a, weight), tf.mul(b, 1 - weight))
  return flat('blend', { a, b }, weight, composition, first)
}

/** d·a + (1 − d)·b, d on the device. */
export function average(a: Vector, b: Vector, d: tf.Scalar): Vector {
  const composition = (): Vector => tf.add(tf.mul(b, tf.sub(1, d)), tf.mul(a, d))
  return flat('average', { a, b, d }, 0, composition, first)
}

/** a + rho·g/max(norm, tiny) */
export function addDirection(a: Vector, g: Vector, rho: tf.Scalar, norm: tf.Scalar, tiny: number): Vector {
  const composition = (): Vector => tf.add(a, tf.mul(g, tf.div(rho, tf.maximum(norm, tiny))))
  return flat('perturb', { a, g, rho, norm }, tiny, composition, first)
}

/** What clipping to a global norm makes of a vector; `factor` is what to multiply it with. */
export interface ClippedNorm {
  norm: tf.Scalar
  factor: tf.Scalar
  clipped: tf.Scalar
}

/** ‖v‖₂, and factor = limit/max(‖v‖, limit), exactly 1 below the limit; a limit of 0 does not clip. */
export function clippedNorm(v: Vector, limit: number): ClippedNorm {
  if (tf.engine().state.gradientDepth === 0 && canFuse(CLIPPED_NORM, v)) {
    const [norm, factor, clipped] = runFused(CLIPPED_NORM, { v }, { limit }) as tf.Scalar[]
    return { norm, factor, clipped }
  }
  const norm: tf.Scalar = tf.sqrt(tf.sum(tf.square(v)))
  if (limit === 0) return { norm, factor: tf.onesLike(norm), clipped: norm }
  const factor: tf.Scalar = tf.div(limit, tf.maximum(norm, limit))
  return { norm, factor, clipped: tf.mul(norm, factor) }
}

/** Nesterov momentum: g ← factor·g; m ← μ·m + g; θ ← θ − rate·(g + μ·m). */
export function nesterovStep(
  state: { theta: Vector; momentum: Vector },
  g: Vector,
  rate: tf.Scalar,
  factor: tf.Scalar,
  mu: number,
): { theta: Vector; momentum: Vector } {
  const { theta, momentum } = state
  return flat(
    'nesterov',
    { theta, momentum, g, rate, factor },
    mu,
    () => {
      const clipped: Vector = tf.mul(g, factor)
      const m: Vector = tf.add(tf.mul(momentum, mu), clipped)
      return { theta: tf.sub(theta, tf.mul(tf.add(clipped, tf.mul(m, mu)), rate)) as Vector, momentum: m }
    },
    ([newTheta, newMomentum]) => ({ theta: newTheta, momentum: newMomentum }),
  )
}

/** g ← factor·g; v ← d·v + (1 − d)·g²; m ← μ·m + g/√(v + 10⁻³); θ ← θ − rate·m. */
export function rmspropStep(
  state: { theta: Vector; momentum: Vector; meanSquare: Vector },
  g: Vector,
  rate: tf.Scalar,
  factor: tf.Scalar,
  { mu, decay }: { mu: number; decay: number },
): { theta: Vector; momentum: Vector; meanSquare: Vector } {
  const { theta, momentum, meanSquare } = state
  const square = () => tf.square(tf.mul(g, factor))
  const v = flat(
    'meanSquare',
    { v: meanSquare, g, factor },
    decay,
    (): Vector => tf.add(tf.mul(meanSquare, decay), tf.mul(square(), 1 - decay)),
    first,
  )
  const moved = flat(
    'rmsprop',
    { theta, momentum, v, g, rate, factor },
    mu,
    () => {
      const m: Vector = tf.add(
        tf.mul(momentum, mu),
        tf.div(tf.mul(g, factor), tf.sqrt(tf.add(v, RMSPROP_EPSILON))),
      )
      return { theta: tf.sub(theta, tf.mul(m, rate)) as Vector, momentum: m }
    },
    ([newTheta, newMomentum]) => ({ theta: newTheta, momentum: newMomentum }),
  )
  return { ...moved, meanSquare: v }
}

/** Under the root of RMSProp; the kernel has the same number in its text. */
const RMSPROP_EPSILON = 1e-3

/**
 * θ + Σ aₖ·dₖ, coordinates on the device: a point of a line or of a plane, one or two directions a kernel.
 */
export function pointOnSlice(
  theta: Vector,
  directions: readonly Vector[],
  coordinates: readonly tf.Scalar[],
): Vector {
  const [b, c, ...further] = directions
  const [p, q, ...others] = coordinates
  if (!b) return theta
  if (!c) return flat('line', { a: theta, b, p }, 0, (): Vector => tf.add(theta, tf.mul(b, p)), first)
  const point = flat(
    'plane',
    { a: theta, b, c, p, q },
    0,
    (): Vector => tf.add(tf.add(theta, tf.mul(b, p)), tf.mul(c, q)),
    first,
  )
  return pointOnSlice(point, further, others)
}
