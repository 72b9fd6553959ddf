/**
 * Stochastic gates: the random numbers that Shake-Shake, ShakeDrop, drop-connect and dropout draw per example.
 * They are inputs of a step, not something it draws: so a step is a pure function, SAM's two passes and the two runs
 * of a comparison see the same ones, and recorded draws can be replayed.
 */

import { type RandomStream, randomStream } from '../../base/random'
import * as tf from '../../engine/tf'
import type { GateDistribution, GateLayout } from './network'

/** The draws of one batch, row by row: [count, W]. */
export function drawGates({ entries, width }: GateLayout, count: number, random: RandomStream): Float32Array {
  const rows = new Float32Array(count * width)
  for (const gate of entries) {
    for (let n = 0; n < count; n++) {
      const start = n * width + gate.offset
      for (let i = start; i < start + gate.width; i++) rows[i] = draw(gate.distribution, random)
    }
  }
  return rows
}

/** The draws of a run's step: from seed and step alone, so that a resumed run goes on with the same ones. */
export function gatesOfStep(gates: GateLayout, count: number, seed: number, step: number): Float32Array {
  return drawGates(gates, count, randomStream(seed, 'gates', step))
}

function draw(distribution: GateDistribution, random: RandomStream): number {
  const u = random.uniform()
  if (distribution.kind === 'bernoulli') return u < distribution.probability ? 1 : 0
  // Rounding to float32 may reach the upper end, which the interval leaves out.
  const value = Math.fround(distribution.low + u * (distribution.high - distribution.low))
  return value < distribution.high ? value : distribution.low
}

/**
 * x·forward, whose gradient is taken as if it were x·backward: what Shake-Shake and ShakeDrop do.
 * The gradient is itself made of differentiable products, so Hessian-vector products pass through.
 * @param x [N, H, W, C]
 * @param forward [N, 1, 1, 1]
 * @param backward like `forward`; absent: the true gradient
 */
export function scaleByGate(x: tf.Tensor4D, forward: tf.Tensor4D, backward?: tf.Tensor4D): tf.Tensor4D {
  if (!backward) return tf.mul(x, forward)
  const scale = tf.customGrad((input, save) => {
    ;(save as tf.GradSaveFunc)([backward])
    return {
      value: tf.mul(input as tf.Tensor, forward),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0]),
    }
  })
  return scale(x) as tf.Tensor4D
}

/** Stochastic depth and dropout: kept values are divided by the probability to be kept. */
export function dropByGate(x: tf.Tensor4D, kept: tf.Tensor4D, probability: number): tf.Tensor4D {
  return tf.mul(x, tf.div(kept, probability))
}
