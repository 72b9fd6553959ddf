/**
 * L(θ + a·d) along a line: by itself a random one, the same draw for all runs, each scaled to its own filters
 * (directions.ts); others in planes/. Points of the runs take turns, coarse to fine, so that the curves grow evenly.
 * Batch-norm statistics stay those of θ where d leads to no other weights.
 * Source: Li et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018, §4.
 */
import { coarseToFine, evenPoints } from '../grid'
import { levelsOf } from '../levels'
import { PLANE_YIELDS, type PlaneValues, stretches } from '../planes/plane'
import { heldFor, PLANE_SETTINGS } from '../planes/settings'
import { alongDirections, nans, type SliceJob, withProbes } from '../slice'
import { sweep } from '../sweep'
import { type BasinWidth, basinWidth } from '../width'
import type { Finding, Measure, MeasureOutcome, SettingsIn } from './measure'
import { SHARED } from './settings'

const { range, points_1d, num_images } = SHARED
const settings = { range, points_1d, num_images, ...PLANE_SETTINGS }

/** L and error along one line; the basin's width when all of it is measured, runs on the same data at one level. */
export type LineValues = {
  a: Float64Array
  loss: Float64Array
  /** [0, 1], on the labels trained on. */
  error: Float64Array
} & Partial<PlaneValues & { mark_a: Float64Array } & BasinWidth>

export const line: Measure<'line', typeof settings, LineValues> = {
  id: 'line',
  title: '1-D slice',
  about:
    'Loss and error along one direction: random and scaled to the filters of each run, or one that is chosen.',
  runs: 'each',
  unit: 'points',
  goesOn: true,
  settings,
  yields: {
    a: ['a'],
    loss: ['a'],
    error: ['a'],
    ...PLANE_YIELDS,
    mark_a: ['mark'],
    cosine: [],
    level: [],
    left: [],
    right: [],
    width: [],
    clipped: [],
  },
  holds: heldFor,
  compute: ({ runs, ...job }) =>
    withProbes(runs, job.settings.num_images, (targets) => sliceLine({ ...job, targets })),
}

/** @returns one line per target, NaN where it was cancelled before */
export async function sliceLine(
  job: SliceJob<SettingsIn<typeof settings>, LineValues>,
): Promise<MeasureOutcome<LineValues>> {
  const { targets } = job
  const along = await alongDirections(job, ['a'])
  try {
    const findings = targets.map(({ key }, t): Finding<LineValues> => {
      const [[from, to]] = stretches(along.planes[t], along.about[t], job.settings.range)
      const a = evenPoints(from, to, job.settings.points_1d)
      const { values, at } = along.about[t]
      const told = { ...values, mark_a: at[0] }
      return { runs: [key], values: { a, loss: nans(a.length), error: nans(a.length), ...told } }
    })
    const points = coarseToFine(findings[0].values.a.length).flatMap((i) =>
      targets.flatMap((_, t) => {
        const { values } = findings[t]
        return along.point(t, [values.a[i]], values, i)
      }),
    )
    const { cancelled } = await sweep({
      ...job,
      points,
      known: findings.length * findings[0].values.a.length - points.length,
      findings,
      onProgress(progress) {
        if (progress.finished) addWidths(job, findings)
        job.onProgress(progress)
      },
    })
    return { findings, cancelled, vectors: along.vectors() }
  } finally {
    along.dispose()
  }
}

function addWidths(
  { targets }: Pick<SliceJob<unknown, unknown>, 'targets'>,
  findings: Finding<LineValues>[],
): void {
  const centres = findings.map(({ values }) => values.loss[values.a.indexOf(0)])
  levelsOf(targets, centres).forEach((level, t) => {
    const { values } = findings[t]
    if (level !== undefined) Object.assign(values, basinWidth(values.a, values.loss, level))
  })
}
