/**
 * The straight line between the two networks of a pair: L((1−t)·θ_SGD + t·θ_SAM), t from −0.5 to 1.5, batch-norm
 * statistics on the same line. A bump in the middle says that they lie in different basins.
 * Source: Goodfellow, Vinyals, Saxe, "Qualitatively characterizing neural network optimization problems", ICLR 2015.
 */
import * as tf from '../../engine/tf'
import type { StatLayout } from '../models/network'
import { coarseToFine, interpolationPoints } from './grid'
import type { SliceJob } from './slices'
import { type Point, sweep, type Weights } from './sweep'
import type { InterpolationSlice } from './types'

export interface InterpolationJob extends Omit<SliceJob, 'targets'> {
  /** t = 0 */
  from: Weights
  /** t = 1 */
  to: Weights
}

/** @returns the slice, NaN where it was cancelled before */
export async function sliceInterpolation(
  job: InterpolationJob,
): Promise<{ slices: [InterpolationSlice]; cancelled: boolean }> {
  const { network, from, to, settings } = job
  const at = interpolationPoints(settings.points_1d)
  const loss = new Float64Array(at.length).fill(Number.NaN)
  const error = new Float64Array(at.length).fill(Number.NaN)
  const slices: [InterpolationSlice] = [{ kind: 'interpolation', at, loss, error }]
  const floor = tf.tensor1d(statisticsFloor(network.stats))
  try {
    const points = coarseToFine(at.length).map(
      (i): Point => ({
        weights: () => ({
          theta: between(from.theta, to.theta, at[i]),
          batchStats:
            network.stats.size === 0
              ? from.batchStats
              : tf.maximum(between(from.batchStats, to.batchStats, at[i]), floor),
        }),
        store(meanLoss, errorRate) {
          loss[i] = meanLoss
          error[i] = errorRate
        },
      }),
    )
    const { cancelled } = await sweep({ ...job, points, slices })
    return { slices, cancelled }
  } finally {
    floor.dispose()
  }
}

function between(from: tf.Tensor1D, to: tf.Tensor1D, t: number): tf.Tensor1D {
  return tf.add(tf.mul(from, tf.scalar(1 - t)), tf.mul(to, tf.scalar(t)))
}

/** Beyond its ends the line can make a variance negative; it is held at 0, means are left alone. */
function statisticsFloor({ entries, size }: StatLayout): Float32Array {
  const floor = new Float32Array(size).fill(-3e38)
  for (const { name, offset, size: length } of entries) {
    if (name.endsWith(':var')) floor.fill(0, offset, offset + length)
  }
  return floor
}
