/** Where training moved most: the principal directions of weights on the way. */
import { BasinError } from '../../../base/errors'
import { thinned } from '../../../base/thinned'
import type { MeasuredRun } from '../measures/measure'
import { type Principal, principal } from './pca'
import type { Direction, Plane } from './plane'
import { type NamedPoint, pointOf, wayName } from './points'
import { scaledTo } from './vectors'

/** Weights of one measure, and what they may take of memory; of more, evenly chosen ones are taken. */
const MOST_POINTS = 200
const MOST_BYTES = 2 ** 29

export interface WayPoint extends NamedPoint {
  step: number
}

/** @returns the weights that are known of a run on its way, thinned out evenly where they are many */
export async function pointsOnWay(run: MeasuredRun, share = 1): Promise<WayPoint[]> {
  const { key, way } = run
  const bytes = 4 * run.network.params.size
  const most = Math.max(2, Math.floor(share * Math.min(MOST_POINTS, MOST_BYTES / bytes)))
  const points: WayPoint[] = []
  // A checkpoint may lie on a way that went on.
  const here = run.training?.step ?? Number.POSITIVE_INFINITY
  const steps = (way?.steps ?? []).filter((step) => step <= here)
  for (const step of thinned(steps, most)) {
    points.push({ name: wayName(key, step), step, ...(await way!.at(step)) })
  }
  return points
}

/** @throws BasinError `unsupported` where the points lie on too little */
export async function principalDirections(
  points: readonly NamedPoint[],
  count: number,
): Promise<{ found: Principal; directions: Direction[] }> {
  const found =
    points.length > count
      ? await principal(
          points.map(({ theta }) => theta),
          count,
        )
      : undefined
  if (!found || found.directions.length < count) {
    throw new BasinError(
      'unsupported',
      `trajectory: weights on the way that span ${count === 1 ? 'a line' : 'a plane'}, got ${points.length}`,
      'Train with trajectory_every to keep weights on the way.',
    )
  }
  const meanStats = averaged(points.map(({ batchStats }) => batchStats))
  const directions = found.directions.map((vector, k): Direction => {
    const stats = new Float32Array(meanStats.length)
    points.forEach(({ batchStats }, i) => {
      for (let s = 0; s < stats.length; s++) stats[s] += found.of[k][i] * (batchStats[s] - meanStats[s])
    })
    const percent = (100 * found.shares[k]).toFixed(found.shares[k] < 0.1 ? 1 : 0)
    const title = `PC ${k + 1} of ${points.length} weights on the way, ${percent} % of their variance`
    return { title, vector: scaledTo(vector, 1), stats }
  })
  return { found, directions }
}

export function averaged(vectors: readonly Float32Array[]): Float64Array {
  const mean = new Float64Array(vectors[0].length)
  for (const vector of vectors) for (let i = 0; i < mean.length; i++) mean[i] += vector[i] / vectors.length
  return mean
}

/** Through the run as it is evaluated, along where its own weights moved. */
export async function wayPlane(run: MeasuredRun, count: number): Promise<Plane> {
  const points: NamedPoint[] = [...(await pointsOnWay(run)), await pointOf(run)]
  const { directions } = await principalDirections(points, count)
  return { directions, marks: points, framed: points.length }
}
