/**
 * L(θ + x·d₁ + y·d₂) on a plane: by itself a random one, the same draws for all runs, each scaled to its own filters
 * (directions.ts); others in planes/. Points of the runs take turns, coarse to fine. Batch-norm statistics stay those of
 * θ where the directions lead to no other weights.
 * Source: Li et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018, §4.
 */
import { coarseToFineGrid, evenPoints } from '../grid'
import { levelsOf } from '../levels'
import { PLANE_YIELDS, type PlaneValues, stretches } from '../planes/plane'
import { heldFor, PLANE_SETTINGS } from '../planes/settings'
import { WINDOW_SETTINGS, windowOf } from '../planes/window'
import { alongDirections, nans, type SliceJob, type SliceTarget, withProbes } from '../slice'
import { sweep } from '../sweep'
import type { Finding, Measure, MeasureOutcome, SettingsIn } from './measure'
import { SHARED } from './settings'

const { range, points_2d, num_images } = SHARED
const settings = { range, points_2d, num_images, ...PLANE_SETTINGS, ...WINDOW_SETTINGS }

/** Row-major: value (i, j) at y[i], x[j]. */
export type SurfaceValues = {
  x: Float64Array
  y: Float64Array
  loss: Float64Array
  /** [0, 1], on the labels trained on. */
  error: Float64Array
  /** The loss at which a width is taken along a line, of runs on the same data the same. */
  level?: number
} & Partial<PlaneValues & { mark_x: Float64Array; mark_y: Float64Array }>

export const surface: Measure<'surface', typeof settings, SurfaceValues> = {
  id: 'surface',
  title: '2-D slice',
  about:
    'Loss and error on a plane: of two random directions scaled to the filters of each run, or one that is chosen.',
  runs: 'each',
  unit: 'points',
  goesOn: true,
  settings,
  yields: {
    x: ['x'],
    y: ['y'],
    loss: ['y', 'x'],
    error: ['y', 'x'],
    ...PLANE_YIELDS,
    mark_x: ['mark'],
    mark_y: ['mark'],
    cosine: [],
    level: [],
  },
  holds: heldFor,
  compute: ({ runs, ...job }) =>
    withProbes(runs, job.settings.num_images, (targets) => sliceSurface({ ...job, targets })),
}

/** @returns one surface per target, NaN where it was cancelled before */
export async function sliceSurface(
  job: SliceJob<SettingsIn<typeof settings>, SurfaceValues>,
): Promise<MeasureOutcome<SurfaceValues>> {
  const { targets } = job
  const window = windowOf(job.settings.window)
  const along = await alongDirections(job, ['x', 'y'])
  try {
    const findings = targets.map(({ key }, t): Finding<SurfaceValues> => {
      const { values, at } = along.about[t]
      const whole = () => stretches(along.planes[t], along.about[t], job.settings.range)
      const [x, y] = (window ?? whole()).map(([from, to]) => evenPoints(from, to, job.settings.points_2d))
      const cells = x.length * y.length
      const told = { ...values, mark_x: at[0], mark_y: at[1] }
      return { runs: [key], values: { x, y, loss: nans(cells), error: nans(cells), ...told } }
    })
    const n = findings[0].values.x.length
    const points = coarseToFineGrid(n).flatMap(([i, j]) =>
      targets.flatMap((_, t) => {
        const { values } = findings[t]
        return along.point(t, [values.x[j], values.y[i]], values, i * n + j)
      }),
    )
    const { cancelled } = await sweep({
      ...job,
      points,
      known: targets.length * n * n - points.length,
      findings,
      onProgress(progress) {
        addLevels(targets, findings)
        job.onProgress(progress)
      },
    })
    return { findings, cancelled, vectors: along.vectors() }
  } finally {
    along.dispose()
  }
}

/** By the point nearest to the weights themselves, which are on most planes. */
function addLevels(targets: readonly SliceTarget[], findings: readonly Finding<SurfaceValues>[]): void {
  if (findings.every(({ values }) => values.level !== undefined)) return
  const centres = findings.map(({ values: { x, y, loss } }) => {
    const isOn = (axis: Float64Array) => axis[0] <= 0 && axis[axis.length - 1] >= 0
    const nearest = (axis: Float64Array) =>
      axis.reduce((best, value, i) => (Math.abs(value) < Math.abs(axis[best]) ? i : best), 0)
    return isOn(x) && isOn(y) ? loss[nearest(y) * x.length + nearest(x)] : Number.NaN
  })
  levelsOf(targets, centres).forEach((level, t) => {
    if (level !== undefined) findings[t].values.level = level
  })
}
