/**
 * The straight line between two runs of one network: L((1−t)·θ₀ + t·θ₁), t from −0.5 to 1.5, batch-norm statistics on the
 * same line, on the images and with the settings of the first. A bump in the middle says that they lie in different
 * basins.
 * Source: Goodfellow, Vinyals, Saxe, "Qualitatively characterizing neural network optimization problems", ICLR 2015.
 */
import { BasinError } from '../../../base/errors'
import { capture } from '../../../engine/capture/capture'
import * as tf from '../../../engine/tf'
import type { Network, StatLayout } from '../../models/network'
import { coarseToFine, interpolationPoints } from '../grid'
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
    checkSameNetwork(from, to)
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

/** Beyond its ends the line can make a variance negative; it is held at 0, means are left alone. */
function statisticsFloor({ entries, size }: StatLayout): Float32Array {
  const floor = new Float32Array(size).fill(-3e38)
  for (const { name, offset, size: length } of entries) {
    if (name.endsWith(':var')) floor.fill(0, offset, offset + length)
  }
  return floor
}

const weightsOf = ({ key, theta, batchStats }: MeasuredRun) => ({ key, theta, batchStats })

function checkSameNetwork(from: MeasuredRun, to: MeasuredRun): void {
  const shapes = ({ params, stats }: Network) =>
    JSON.stringify([...params.entries, ...stats.entries].map(({ name, shape }) => [name, shape]))
  if (from.network === to.network || shapes(from.network) === shapes(to.network)) return
  const size = ({ network }: MeasuredRun) => `${network.name} of ${network.params.size} parameters`
  throw new BasinError(
    'unsupported',
    `interpolation: two runs of one network, got ${size(from)} and ${size(to)}`,
    'Choose two runs with the same network and layer sizes.',
  )
}
