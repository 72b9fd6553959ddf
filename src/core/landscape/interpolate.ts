/**
 * The straight line between the two networks of a pair: L((1−t)·θ_SGD + t·θ_SAM), t from −0.5 to 1.5, batch-norm
 * statistics on the same line. A bump in the middle says that they lie in different basins.
 * Source: Goodfellow, Vinyals, Saxe, "Qualitatively characterizing neural network optimization problems", ICLR 2015.
 */
import { capture } from '../../engine/capture/capture'
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
  await job.probe.prepare(from.theta, from.batchStats)
  const floor = tf.tensor1d(statisticsFloor(network.stats))
  const hasStats = network.stats.size > 0
  const measure = capture(({ toFrom, toTo }: Shares) => {
    const theta = mixed(from.theta, to.theta, toFrom, toTo)
    const batchStats: tf.Tensor1D = hasStats
      ? tf.maximum(mixed(from.batchStats, to.batchStats, toFrom, toTo), floor)
      : from.batchStats
    return job.probe.sums(theta, batchStats)
  })
  try {
    const points = coarseToFine(at.length).map(
      (i): Point => ({
        measure: () => measure({ toFrom: tf.scalar(1 - at[i]), toTo: tf.scalar(at[i]) }),
        store(meanLoss, errorRate) {
          loss[i] = meanLoss
          error[i] = errorRate
        },
      }),
    )
    const { cancelled } = await sweep({ ...job, points, slices })
    return { slices, cancelled }
  } finally {
    measure.dispose()
    floor.dispose()
  }
}

/** 1 − t and t, on the device. */
interface Shares {
  toFrom: tf.Scalar
  toTo: tf.Scalar
}

function mixed(from: tf.Tensor1D, to: tf.Tensor1D, toFrom: tf.Scalar, toTo: tf.Scalar): tf.Tensor1D {
  return tf.add(tf.mul(from, toFrom), tf.mul(to, toTo))
}

/** Beyond its ends the line can make a variance negative; it is held at 0, means are left alone. */
function statisticsFloor({ entries, size }: StatLayout): Float32Array {
  const floor = new Float32Array(size).fill(-3e38)
  for (const { name, offset, size: length } of entries) {
    if (name.endsWith(':var')) floor.fill(0, offset, offset + length)
  }
  return floor
}
