/**
 * L(θ + x·d₁ + y·d₂) on a random plane: the same draws for all runs, each scaled to its own filters (directions.ts).
 * Points of the runs take turns, coarse to fine. Batch-norm statistics stay those of θ.
 * Source: Li et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018, §4.
 */
import { coarseToFineGrid, symmetricPoints } from '../grid'
import { alongDirections, lossPoint, nans, type SliceJob, withProbes } from '../slice'
import { sweep } from '../sweep'
import type { Finding, Measure, MeasureOutcome, SettingsIn } from './measure'
import { SHARED } from './settings'

const { range, points_2d, num_images, direction_seed, include_bn_and_bias } = SHARED
const settings = { range, points_2d, num_images, direction_seed, include_bn_and_bias }

/** Row-major: value (i, j) at y[i], x[j]. */
export type SurfaceValues = {
  x: Float64Array
  y: Float64Array
  loss: Float64Array
  /** [0, 1], on the labels trained on. */
  error: Float64Array
}

export const surface: Measure<'surface', typeof settings, SurfaceValues> = {
  id: 'surface',
  title: '2-D slice',
  about: 'Loss and error on the plane of two random directions, scaled to the filters of each run.',
  runs: 'each',
  unit: 'points',
  settings,
  yields: { x: ['x'], y: ['y'], loss: ['y', 'x'], error: ['y', 'x'] },
  compute: ({ runs, ...job }) =>
    withProbes(runs, job.settings.num_images, (targets) => sliceSurface({ ...job, targets })),
}

/** @returns one surface per target, NaN where it was cancelled before */
export async function sliceSurface(
  job: SliceJob<SettingsIn<typeof settings>, SurfaceValues>,
): Promise<MeasureOutcome<SurfaceValues>> {
  const { targets } = job
  const x = symmetricPoints(job.settings.range, job.settings.points_2d)
  const y = symmetricPoints(job.settings.range, job.settings.points_2d)
  const n = x.length
  const findings = targets.map(
    ({ key }): Finding<SurfaceValues> => ({
      runs: [key],
      values: { x, y, loss: nans(n * n), error: nans(n * n) },
    }),
  )
  const along = await alongDirections(job, 2)
  try {
    const points = coarseToFineGrid(n).flatMap(([i, j]) =>
      targets.map((target, t) =>
        lossPoint(target, () => along.at(t, [x[j], y[i]]), findings[t].values, i * n + j),
      ),
    )
    const { cancelled } = await sweep({ ...job, points, findings })
    return { findings, cancelled }
  } finally {
    along.dispose()
  }
}
