/** Lines and planes that the loss itself points out: the steepest directions of its Hessian, and its gradients. */
import { BasinError } from '../../../base/errors'
import * as tf from '../../../engine/tf'
import { EIGEN_DEFAULTS, eigenvectorsOf, extremeEigenvalues, stepsWithin } from '../curvature/eigenvalues'
import { KrylovSpaces, seededStart } from '../curvature/krylov'
import { AS_SLICED, lookAtEach, type Subject } from '../curvature/subjects'
import { SHARED, USUAL_RHO } from '../measures/settings'
import type { Direction, Plane } from './plane'
import type { PlaneJob } from './settings'
import { beside, norm, scaledTo } from './vectors'

/** v₁ and v₂ of each run, of length 1. */
export async function hessianPlanes(job: PlaneJob, count: number): Promise<Plane[]> {
  const planes: Plane[] = []
  await lookAtEach(job.runs, imagesOf(job), async (subject) => {
    planes.push({ directions: await steepest(subject, count, job), marks: [], framed: 0 })
  })
  return planes
}

const imagesOf = ({ settings }: PlaneJob) => ({
  ...AS_SLICED,
  num_images: settings.num_images ?? SHARED.num_images.parse(undefined),
})

async function steepest(
  { run, objective }: Subject,
  count: number,
  { signal, vectors: room }: PlaneJob,
): Promise<Direction[]> {
  const start = seededStart(objective, run.config.run_seed)
  const spaces = new KrylovSpaces(objective)
  const space = spaces.from(start)
  const vectors: tf.Tensor1D[] = []
  try {
    const wanted = { ...EIGEN_DEFAULTS, top: count, lowest: false, maxSteps: stepsWithin(room) }
    const found = await extremeEigenvalues(space, wanted, { signal })
    if (!found || signal?.aborted) throw cancelled()
    vectors.push(...eigenvectorsOf(space, found))
    const directions: Direction[] = []
    for (const [k, { value }] of found.top.entries()) {
      const title = `v${SUBSCRIPTS[k]} of the Hessian, λ${SUBSCRIPTS[k]} = ${Number(value.toPrecision(4))}`
      directions.push({ title, vector: upright((await vectors[k].data()) as Float32Array) })
    }
    return directions
  } finally {
    space.dispose()
    spaces.dispose()
    tf.dispose([start, ...vectors])
  }
}

const SUBSCRIPTS = ['₁', '₂']

/** Of length 1, its largest entry above 0: an eigenvector has no sign of its own. */
function upright(vector: Float32Array): Float32Array {
  const largest = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
  return scaledTo(vector, largest < 0 ? -1 : 1)
}

/** x along ∇L(θ), where ε̂ goes; y what ∇L(θ + ε̂), which SAM descends, has beside it. Both of length 1. */
export async function gradientPlanes(job: PlaneJob, count: number): Promise<Plane[]> {
  const planes: Plane[] = []
  await lookAtEach(job.runs, imagesOf(job), async ({ run, objective }) => {
    if (job.signal?.aborted) throw cancelled()
    const clean = await gradientOf(objective)
    const rho = run.config.sam_rho || USUAL_RHO
    const x = scaledTo(clean, 1)
    const theta = (await run.theta.data()) as Float32Array
    const there = Float32Array.from(theta, (weight, i) => weight + rho * x[i])
    const batchStats = (await run.batchStats.data()) as Float32Array
    const directions: Direction[] = [{ title: '∇L(θ), where ε̂ goes', vector: x }]
    if (count === 2) directions.push(await turned(run, objective, { there, x, rho }))
    const marks = [{ name: `${run.key} + ε̂`, theta: there, batchStats }]
    planes.push({ directions, marks, framed: 0 })
  })
  return planes
}

async function turned(
  { batchStats, key }: Subject['run'],
  objective: Subject['objective'],
  { there, x, rho }: { there: Float32Array; x: Float32Array; rho: number },
): Promise<Direction> {
  const theta = tf.tensor1d(there)
  try {
    objective.moveTo({ theta, batchStats })
    const used = await gradientOf(objective)
    const rest = beside(used, x)
    if (!(norm(rest) > 1e-6 * norm(used))) {
      throw new BasinError('unsupported', `gradient: one that turns within ε̂, got none of ${key}`)
    }
    return { title: `∇L(θ + ε̂) beside it, ρ = ${rho}`, vector: scaledTo(rest, 1) }
  } finally {
    theta.dispose()
  }
}

async function gradientOf(objective: Subject['objective']): Promise<Float32Array> {
  const { value, gradient } = objective.gradient()
  value.dispose()
  try {
    return (await gradient.data()) as Float32Array
  } finally {
    gradient.dispose()
  }
}

const cancelled = () => new BasinError('cancelled', 'slice: cancelled before its directions were known')
