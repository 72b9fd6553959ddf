/** Points of lines and planes through θ. */
import { flatProgram } from '../../engine/ops/flat/flat'
import * as tf from '../../engine/tf'
import type { StatLayout } from '../models/network'

const onLine = flatProgram({ name: 'line', vectors: ['theta', 'd'], scalars: ['p'] }, ({ theta, d, p }) =>
  theta.plus(d.times(p)),
)

const onPlane = flatProgram(
  { name: 'plane', vectors: ['theta', 'd', 'e'], scalars: ['p', 'q'] },
  ({ theta, d, e, p, q }) => theta.plus(d.times(p)).plus(e.times(q)),
)

/**
 * θ + Σ aₖ·dₖ, one or two directions a kernel.
 * @param theta [P]
 * @param directions [P] each
 * @param coordinates a scalar on the device for each, so that every point is the same program
 */
export function pointOnSlice(
  theta: tf.Tensor1D,
  directions: readonly tf.Tensor1D[],
  coordinates: readonly tf.Scalar[],
): tf.Tensor1D {
  const [d, e, ...further] = directions
  const [p, q, ...others] = coordinates
  if (!d) return theta
  if (!e) return onLine({ theta, d, p })
  return pointOnSlice(onPlane({ theta, d, e, p, q }), further, others)
}

/** Statistics on a line or plane can have a negative variance; it is held at 0, means are left alone. */
export function statisticsFloor({ entries, size }: StatLayout): Float32Array {
  const floor = new Float32Array(size).fill(-3e38)
  for (const { name, offset, size: length } of entries) {
    if (name.endsWith(':var')) floor.fill(0, offset, offset + length)
  }
  return floor
}

/** `pointOnSlice` of statistics. @param floor [S] as above */
export function statisticsOnSlice(
  batchStats: tf.Tensor1D,
  directions: readonly tf.Tensor1D[],
  coordinates: readonly tf.Scalar[],
  floor: tf.Tensor1D,
): tf.Tensor1D {
  return tf.maximum(pointOnSlice(batchStats, directions, coordinates), floor)
}
