/**
 * The straight line between two runs of one network: L((1−t)·θ₀ + t·θ₁), t from −0.5 to 1.5, batch-norm statistics on the
 * same line, on the images and with the settings of the first. A bump in the middle says that they lie in different
 * basins.
 * Source: Goodfellow, Vinyals, Saxe, "Qualitatively characterizing neural network optimization problems", ICLR 2015.
 */
import { capture } from '../../../engine/capture/capture'
import * as tf from '../../../engine/tf'
import { coarseToFine, interpolationPoints } from '../grid'
import { statisticsFloor } from '../point'
import { checkSameNetwork } from '../sameNetwork'
import { lossPoint, nans, type SliceJob, withProbes } from '../slice'
import { sweep } from '../sweep'
import type { Finding, Measure, MeasuredRun, MeasureOutcome, SettingsIn } from './measure'
import { SHARED } from './settings'

const { points_1d, num_images } = SHARED
const settings = { points_1d, num_images }

export type InterpolationValues = {
  /** −0.5 to 1.5 */
  t: Float64Array
  loss: Float64Array
  /** [0, 1], on the labels trained on. */
  error: Float64Array
}

export const interpolation: Measure<'interpolation', typeof settings, InterpolationValues> = {
  id: 'interpolation',
  title: 'interpolation',
  about: 'Loss and error on the straight line from one run to another.',
  runs: 'pair',
  unit: 'points',
  settings,
  yields: { t: ['t'], loss: ['t'], error: ['t'] },
  compute({ runs: [from, to], ...job }) {
    checkSameNetwork('interpolation', from, to)
    return withProbes([from, { ...from, ...weightsOf(to) }], job.settings.num_images, (targets) =>
      sliceInterpolation({ ...job, targets }),
    )
  },
}

/** @param job two targets: t = 0 and t = 1 */
export async function sliceInterpolation(
  job: SliceJob<SettingsIn<typeof settings>, InterpolationValues>,
): Promise<MeasureOutcome<InterpolationValues>> {
  const [from, to] = job.targets
  const t = interpolationPoints(job.settings.points_1d)
  const values: InterpolationValues = { t, loss: nans(t.length), error: nans(t.length) }
  const findings: Finding<InterpolationValues>[] = [{ runs: [from.key, to.key], values }]
  const { probe, network } = from
  await probe.chooseKernels(from.theta, from.batchStats)
  const floor = tf.tensor1d(statisticsFloor(network.stats))
  const hasStats = network.stats.size > 0
  const at = capture(({ toFrom, toTo }: Shares) => {
    const theta = mixed(from.theta, to.theta, toFrom, toTo)
    const batchStats: tf.Tensor1D = hasStats
      ? tf.maximum(mixed(from.batchStats, to.batchStats, toFrom, toTo), floor)
      : from.batchStats
    return probe.sums(theta, batchStats)
  })
  try {
    const points = coarseToFine(t.length).map((i) =>
      lossPoint(from, () => at({ toFrom: tf.scalar(1 - t[i]), toTo: tf.scalar(t[i]) }), values, i),
    )
    const { cancelled } = await sweep({ ...job, points, findings })
    return { findings, cancelled }
  } finally {
    at.dispose()
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

const weightsOf = ({ key, theta, batchStats }: MeasuredRun) => ({ key, theta, batchStats })
