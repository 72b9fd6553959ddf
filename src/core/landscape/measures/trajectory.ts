/**
 * The ways of several runs of one network on one plane: that in which all their kept weights, where they began and where
 * they stand lie furthest apart, with the loss on it beneath. Where nothing was kept on the way it is the plane through
 * the beginning and the runs. Statistics lie on the plane as the weights do, images and settings are those of the first.
 * Source: Li et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018, §7.
 */
import * as tf from '../../../engine/tf'
import { coarseToFineGrid, evenPoints } from '../grid'
import { type Plane, type PlaneValues, stretches } from '../planes/plane'
import { type NamedPoint, pointOf } from '../planes/points'
import { averaged, pointsOnWay, principalDirections } from '../planes/way'
import { WAY_WINDOW_SETTINGS, windowOf } from '../planes/window'
import { checkSameNetwork } from '../sameNetwork'
import { alongPlanes, lossPoint, nans, type SliceTarget, withProbes } from '../slice'
import { sweep } from '../sweep'
import type { Finding, Measure, MeasuredRun, MeasureJob, MeasureOutcome, SettingsIn } from './measure'
import { SHARED } from './settings'

const { range, points_2d, num_images } = SHARED
const settings = { range, points_2d, num_images, ...WAY_WINDOW_SETTINGS }

/** Row-major: the loss (i, j) is at y[i], x[j]; lengths are those of θ's space. */
export type TrajectoryValues = {
  x: Float64Array
  y: Float64Array
  loss: Float64Array
  /** [0, 1], on the labels trained on. */
  error: Float64Array
  /** Of each axis, of the variance of all points. */
  share: Float64Array
  /** The points, run by run in the order of their steps. */
  point: readonly string[]
  point_run: readonly string[]
  /** Updates behind them. */
  point_step: Float64Array
  point_x: Float64Array
  point_y: Float64Array
  /** How far they are from the plane. */
  point_outside: Float64Array
  /** Of the points themselves, not of their places on the plane. */
  point_loss: Float64Array
  point_error: Float64Array
} & Pick<PlaneValues, 'direction' | 'direction_title' | 'direction_length'>

export const trajectory: Measure<'trajectory', typeof settings, TrajectoryValues> = {
  id: 'trajectory',
  title: 'trajectory',
  about: 'The ways of all runs on the plane in which they moved most, with the loss beneath them.',
  runs: 'all',
  unit: 'points',
  goesOn: true,
  settings,
  yields: {
    x: ['x'],
    y: ['y'],
    loss: ['y', 'x'],
    error: ['y', 'x'],
    point: ['point'],
    point_run: ['point'],
    point_step: ['point'],
    point_x: ['point'],
    point_y: ['point'],
    point_outside: ['point'],
    point_loss: ['point'],
    point_error: ['point'],
    direction: ['direction'],
    direction_title: ['direction'],
    direction_length: ['direction'],
    share: ['direction'],
  },
  async compute(job) {
    const [first, ...others] = job.runs
    for (const other of others) checkSameNetwork('trajectory', first, other)
    const points = await allPoints(job.runs)
    return withProbes([first], job.settings.num_images, ([target]) => walk(job, target, points))
  },
}

interface PointOfRun extends NamedPoint {
  run: string
  step: number
}

/** Of each run what is known of its way, and where it stands. */
async function allPoints(runs: readonly MeasuredRun[]): Promise<PointOfRun[]> {
  const points: PointOfRun[] = []
  for (const run of runs) {
    const way = await pointsOnWay(run, 1 / runs.length)
    const here = await pointOf(run)
    const step = run.training?.step ?? way.at(-1)?.step ?? 0
    const before = way.filter((point) => point.step < step || !sameWeights(point, here))
    points.push(...[...before, { ...here, step }].map((point) => ({ ...point, run: run.key })))
  }
  return points
}

/** An average of weights is another point than they are. */
const sameWeights = (a: NamedPoint, b: NamedPoint): boolean =>
  a.theta.every((weight, i) => weight === b.theta[i])

async function walk(
  job: MeasureJob<SettingsIn<typeof settings>, TrajectoryValues>,
  target: SliceTarget,
  points: readonly PointOfRun[],
): Promise<MeasureOutcome<TrajectoryValues>> {
  const window = windowOf(job.settings.way_window)
  const different = points.filter(
    (point, i) => !points.slice(0, i).some((other) => sameWeights(point, other)),
  )
  const { found, directions } = await principalDirections(different, 2)
  const origin = Float32Array.from(found.mean)
  const theta = tf.tensor1d(origin)
  const batchStats = tf.tensor1d(Float32Array.from(averaged(different.map((point) => point.batchStats))))
  const plane: Plane = { directions, marks: [...points], framed: points.length }
  const along = await alongPlanes([{ ...target, theta, batchStats }], [plane], ['x', 'y'], job.points)
  try {
    const [about] = along.about
    const [x, y] = (window ?? stretches(plane, about, job.settings.range)).map(([from, to]) =>
      evenPoints(from, to, job.settings.points_2d),
    )
    const n = x.length
    const { direction, direction_title, direction_length, mark_outside } = about.values
    const values: TrajectoryValues = {
      x,
      y,
      loss: nans(n * n),
      error: nans(n * n),
      point: points.map(({ name }) => name),
      point_run: points.map(({ run }) => run),
      point_step: Float64Array.from(points, ({ step }) => step),
      point_x: about.at[0],
      point_y: about.at[1],
      point_outside: mark_outside,
      point_loss: nans(points.length),
      point_error: nans(points.length),
      direction,
      direction_title,
      direction_length,
      share: Float64Array.from(found.shares),
    }
    const findings: Finding<TrajectoryValues>[] = [{ runs: job.runs.map(({ key }) => key), values }]
    const own = { loss: values.point_loss, error: values.point_error }
    const places = [
      ...points.map((point, p) => lossPoint(target, () => sumsOf(target, point), own, p)),
      ...coarseToFineGrid(n).flatMap(([i, j]) => along.point(0, [x[j], y[i]], values, i * n + j)),
    ]
    const known = points.length + n * n - places.length
    const { cancelled } = await sweep({ ...job, points: places, known, findings })
    return { findings, cancelled }
  } finally {
    along.dispose()
    tf.dispose([theta, batchStats])
  }
}

/** Inside `tf.tidy`. */
const sumsOf = ({ probe }: SliceTarget, point: NamedPoint): tf.Tensor1D =>
  probe.sums(tf.tensor1d(point.theta), tf.tensor1d(point.batchStats))
