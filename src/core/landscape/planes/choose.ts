/** The lines and planes that slices are taken on, of every run by itself. */
import { BasinError } from '../../../base/errors'
import { filterNormalised, gaussianDraw } from '../directions'
import type { MeasuredRun } from '../measures/measure'
import { checkSameNetwork, isSameNetwork } from '../sameNetwork'
import { gradientPlanes, hessianPlanes } from './curved'
import type { Direction, Plane } from './plane'
import { type NamedPoint, namedPoint, pointOf } from './points'
import type { PlaneJob } from './settings'
import { beside, difference, dot, norm, scaledTo } from './vectors'
import { wayPlane } from './way'

/**
 * @param count of directions
 * @throws BasinError `unsupported` where these runs have no such plane, `cancelled`
 */
export async function planesOf(job: PlaneJob, count: 1 | 2): Promise<Plane[]> {
  const { runs, settings } = job
  switch (settings.directions) {
    case 'random':
      return randomPlanes(job, count)
    case 'eigenvectors':
      return withOthers(runs, await hessianPlanes(job, count))
    case 'gradient':
      return withOthers(runs, await gradientPlanes(job, count))
    case 'toward':
      return eachRun(runs, (run) => towardPlane(run, job, count))
    case 'points':
      return eachRun(runs, (run) => pointsPlane(run, job, count))
    case 'trajectory':
      return withOthers(runs, await eachRun(runs, (run) => wayPlane(run, count)))
  }
}

async function eachRun(
  runs: readonly MeasuredRun[],
  of: (run: MeasuredRun) => Promise<Plane>,
): Promise<Plane[]> {
  const planes: Plane[] = []
  for (const run of runs) planes.push(await of(run))
  return planes
}

/** Where the other runs lie, beside a plane. */
function withOthers(runs: readonly MeasuredRun[], planes: Plane[]): Promise<Plane[]> {
  return Promise.all(
    planes.map(async (plane, i) => ({
      ...plane,
      marks: [...plane.marks, ...(await othersOf(runs[i], runs))],
    })),
  )
}

const othersOf = (run: MeasuredRun, runs: readonly MeasuredRun[]): Promise<NamedPoint[]> =>
  Promise.all(runs.filter((one) => one !== run && isSameNetwork(one, run)).map(pointOf))

const RANDOM = 'random, filter-normalised'

async function randomPlanes({ runs, settings }: PlaneJob, count: number): Promise<Plane[]> {
  const draws = new Map<string, Float32Array>()
  const drawn = (size: number, k: number) => {
    const key = `${size} ${k}`
    const draw = draws.get(key) ?? gaussianDraw(size, settings.direction_seed, k)
    draws.set(key, draw)
    return draw
  }
  return eachRun(runs, async ({ theta, network: { params } }) => {
    const weights = (await theta.data()) as Float32Array
    const directions = Array.from({ length: count }, (_, k) => ({
      title: RANDOM,
      vector: filterNormalised(drawn(params.size, k), weights, params, settings.include_bn_and_bias),
    }))
    return { directions, marks: [], framed: 0 }
  })
}

/** x leads to another point, which is at 1; y is a random direction beside it, as long. */
async function towardPlane(run: MeasuredRun, job: PlaneJob, count: number): Promise<Plane> {
  const { settings } = job
  const [own, end] = [await pointOf(run), await endOf(run, job)]
  const first = leadingTo(own, end)
  const directions = [first]
  if (count === 2) {
    const { params } = run.network
    const draw = gaussianDraw(params.size, settings.direction_seed, 0)
    const random = filterNormalised(draw, own.theta, params, settings.include_bn_and_bias)
    const vector = scaledTo(beside(random, first.vector), norm(first.vector))
    directions.push({ title: `${RANDOM}, beside it`, vector })
  }
  return { directions, marks: [own, end], framed: 2 }
}

/** The plane through the run and two more points: x leads to one of them, y is what the other has beside it. */
async function pointsPlane(run: MeasuredRun, job: PlaneJob, count: number): Promise<Plane> {
  const own = await pointOf(run)
  const end = await endOf(run, job)
  if (count === 1) return { directions: [leadingTo(own, end)], marks: [own, end], framed: 2 }
  const third = await namedPoint(job.settings.through, 'through', run, job.runs)
  return threePointPlane(own, end, third)
}

/**
 * @returns y at right angles to x and as long, so that lengths are the same in every direction; statistics so that each
 * of the three points has its own
 * @throws BasinError `unsupported` where they lie on one line
 */
export function threePointPlane(origin: NamedPoint, end: NamedPoint, third: NamedPoint): Plane {
  const first = leadingTo(origin, end)
  const rest = difference(third.theta, origin.theta)
  const upright = beside(rest, first.vector)
  const length = norm(first.vector)
  if (!(norm(upright) > 1e-5 * Math.max(length, norm(rest)))) {
    throw new BasinError(
      'unsupported',
      `through: three points that are not on one line, got ${[origin, end, third].map(({ name }) => name).join('; ')}`,
      'Name another point.',
    )
  }
  const share = dot(rest, first.vector) / length ** 2
  const rise = norm(upright) / length
  const stats = Float32Array.from(
    third.batchStats,
    (value, i) => (value - origin.batchStats[i] - share * first.stats![i]) / rise,
  )
  const second = { title: `through ${third.name}, beside it`, vector: scaledTo(upright, length), stats }
  return { directions: [first, second], marks: [origin, end, third], framed: 3 }
}

function leadingTo(from: NamedPoint, to: NamedPoint): Direction {
  const vector = Float32Array.from(difference(to.theta, from.theta))
  if (!(norm(vector) > 0)) {
    throw new BasinError(
      'unsupported',
      `toward: two points that differ, got ${from.name} and ${to.name}`,
      'Name another point.',
    )
  }
  const stats = Float32Array.from(difference(to.batchStats, from.batchStats))
  return { title: `toward ${to.name}`, vector, stats }
}

/** The point that x leads to: the one that is named, unless that is the run itself; else the next run. */
async function endOf(run: MeasuredRun, { runs, settings: { toward } }: PlaneJob): Promise<NamedPoint> {
  if (toward && toward !== run.key) {
    const name = runs.find(({ key }) => toward.startsWith(`${key}@`) || toward === key)
    if (name) checkSameNetwork('toward', run, name)
    return namedPoint(toward, 'toward', run, runs)
  }
  const next = runs[(runs.indexOf(run) + 1) % runs.length]
  if (next === run) {
    throw new BasinError(
      'unsupported',
      'toward: another run, got one alone',
      'Add a second run, or name a point.',
    )
  }
  checkSameNetwork('toward', run, next)
  return pointOf(next)
}
