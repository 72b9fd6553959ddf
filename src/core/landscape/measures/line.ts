/**
 * L(θ + a·d) along a random line: the same draw for all runs, each scaled to its own filters (directions.ts). Points of
 * the runs take turns, coarse to fine, so that the curves grow evenly. Batch-norm statistics stay those of θ.
 * Source: Li et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018, §4.
 */
import { coarseToFine, symmetricPoints } from '../grid'
import { alongDirections, lossPoint, nans, type SliceJob, withProbes } from '../slice'
import { sweep } from '../sweep'
import { type BasinWidth, basinWidth, compareLevel } from '../width'
import type { Finding, Measure, MeasureOutcome, SettingsIn } from './measure'
import { SHARED } from './settings'

const { range, points_1d, num_images, direction_seed, include_bn_and_bias } = SHARED
const settings = { range, points_1d, num_images, direction_seed, include_bn_and_bias }

/** L and error along one line; the basin's width when all of it is measured, runs on the same data at one level. */
export type LineValues = {
  a: Float64Array
  loss: Float64Array
  /** [0, 1], on the labels trained on. */
  error: Float64Array
} & Partial<BasinWidth>

export const line: Measure<'line', typeof settings, LineValues> = {
  id: 'line',
  title: '1-D slice',
  about: 'Loss and error along one random direction, scaled to the filters of each run.',
  runs: 'each',
  unit: 'points',
  settings,
  yields: {
    a: ['a'],
    loss: ['a'],
    error: ['a'],
    level: [],
    left: [],
    right: [],
    width: [],
    clipped: [],
  },
  compute: ({ runs, ...job }) =>
    withProbes(runs, job.settings.num_images, (targets) => sliceLine({ ...job, targets })),
}

/** @returns one line per target, NaN where it was cancelled before */
export async function sliceLine(
  job: SliceJob<SettingsIn<typeof settings>, LineValues>,
): Promise<MeasureOutcome<LineValues>> {
  const { targets } = job
  const a = symmetricPoints(job.settings.range, job.settings.points_1d)
  const findings = targets.map(
    ({ key }): Finding<LineValues> => ({
      runs: [key],
      values: { a, loss: nans(a.length), error: nans(a.length) },
    }),
  )
  const along = await alongDirections(job, 1)
  try {
    const points = coarseToFine(a.length).flatMap((i) =>
      targets.map((target, t) => lossPoint(target, () => along.at(t, [a[i]]), findings[t].values, i)),
    )
    const { cancelled } = await sweep({
      ...job,
      points,
      findings,
      onProgress(progress) {
        if (progress.finished) addWidths(job, findings)
        job.onProgress(progress)
      },
    })
    return { findings, cancelled }
  } finally {
    along.dispose()
  }
}

/** One level for all runs on the same data; others' losses say nothing about it. */
function addWidths(
  { targets }: Pick<SliceJob<unknown, unknown>, 'targets'>,
  findings: Finding<LineValues>[],
): void {
  for (const dataset of new Set(targets.map(({ probe }) => probe.dataset))) {
    const alike = targets.flatMap((target, t) =>
      target.probe.dataset === dataset ? [{ target, values: findings[t].values }] : [],
    )
    const centres = alike.map(({ values }) => values.loss[(values.a.length - 1) >> 1])
    if (!centres.every(Number.isFinite)) continue
    const level = compareLevel(centres, alike[0].target.network.numClasses)
    for (const { values } of alike) Object.assign(values, basinWidth(values.a, values.loss, level))
  }
}
