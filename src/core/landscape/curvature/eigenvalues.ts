/**
 * The largest eigenvalues of a Hessian and its smallest one, all from one Krylov space. It grows until every wanted
 * pair has ‖Hv − λv‖ ≤ tolerance·|λ|max and has kept it for some steps: an eigenvalue may appear within the bulk, settle
 * there, and only later move on to the true end.
 */
import { BasinError } from '../../../base/errors'
import type * as tf from '../../../engine/tf'
import type { KrylovSpace } from './krylov'

export interface EigenSettings {
  /** How many of the largest. */
  top: number
  /** Of a residual, beside the largest |λ|; the eigenvalue itself is off by less, mostly by its square. */
  tolerance: number
  /** Products at most. */
  maxSteps: number
  /** Whether the smallest must have settled too. */
  lowest: boolean
}

export const EIGEN_DEFAULTS: EigenSettings = { top: 5, tolerance: 1e-4, maxSteps: 150, lowest: true }

/** Vectors beside the basis while a product is made. */
const BESIDE = 8
/** With fewer products neither end has settled. */
const LEAST_STEPS = 30

/** What a search for eigenvalues holds at least: a vector for every product. */
export const LEAST_VECTORS = LEAST_STEPS + BESIDE

/** Products for which there is room. */
export const stepsWithin = (vectors = Number.POSITIVE_INFINITY): number =>
  Math.max(LEAST_STEPS, Math.min(EIGEN_DEFAULTS.maxSteps, vectors - BESIDE))

export interface Eigenvalue {
  value: number
  /** ‖Hv − λv‖ of its unit vector, as Lanczos has it, and what 32-bit products leave uncertain. */
  residual: number
}

export interface Eigenvalues {
  /** Descending. */
  top: Eigenvalue[]
  lowest: Eigenvalue
  /** Products with the Hessian. */
  products: number
  converged: boolean
}

/** Of a product in 32 bits, beside the largest |λ|: Lanczos' own residual goes on falling, the true one does not. */
const ROUNDING = 3e-7

/** Products for which a pair must have been within the tolerance. */
const SETTLED = 3

/** What the space knows of its matrix' ends so far; undefined before the first product has come back. */
export function eigenvaluesOf(
  space: KrylovSpace,
  { top, tolerance, lowest }: EigenSettings,
): Eigenvalues | undefined {
  const m = space.steps
  if (m === 0) return undefined
  const { values, components } = space.decomposed([m - 1])
  const beta = space.isExhausted ? 0 : space.beta[m - 1]
  const largest = Math.max(Math.abs(values[0]), Math.abs(values[m - 1]))
  const pair = (i: number): Eigenvalue => ({
    value: values[i],
    residual: Math.abs(beta * components[0][i]) + ROUNDING * largest,
  })
  const count = Math.min(top, m)
  const found = Array.from({ length: count }, (_, i) => pair(m - 1 - i))
  const smallest = pair(0)
  const allowed = tolerance * largest
  const wanted = lowest ? [...found, smallest] : found
  const enough = space.isExhausted || m >= top + (lowest ? 1 : 0)
  const converged = enough && wanted.every(({ residual }) => residual <= allowed)
  return { top: found, lowest: smallest, products: m, converged }
}

/**
 * Grows the space until its ends have settled.
 * @param onProgress whenever products have come back
 * @returns what was found by then, also when it was cancelled or did not settle; its `converged` says which
 * @throws BasinError `unsupported` when a product is no number
 */
export async function extremeEigenvalues(
  space: KrylovSpace,
  settings: EigenSettings = EIGEN_DEFAULTS,
  { onProgress, signal }: { onProgress?(found: Eigenvalues): void; signal?: AbortSignal } = {},
): Promise<Eigenvalues | undefined> {
  let settled = 0
  await space.grow({
    steps: settings.maxSteps,
    signal,
    enough: () => {
      const found = finiteEigenvalues(space, settings)
      if (!found) return false
      onProgress?.(found)
      settled = found.converged ? settled + 1 : 0
      return settled > SETTLED
    },
  })
  return finiteEigenvalues(space, settings)
}

function finiteEigenvalues(space: KrylovSpace, settings: EigenSettings): Eigenvalues | undefined {
  if ([...space.alpha, ...space.beta].every(Number.isFinite)) return eigenvaluesOf(space, settings)
  throw new BasinError(
    'unsupported',
    'curvature: a product with the Hessian is not a number',
    'The weights have diverged, or their loss is beyond 32-bit numbers.',
  )
}

/** Vectors of the values that were found: the largest first, the smallest last; [P] each, the caller's. */
export function eigenvectorsOf(space: KrylovSpace, { top }: Eigenvalues): tf.Tensor1D[] {
  const m = space.steps
  return space.ritzVectors([...top.map((_, i) => m - 1 - i), 0])
}
