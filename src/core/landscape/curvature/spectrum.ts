/**
 * The density of a Hessian's eigenvalues by stochastic Lanczos quadrature: for a random unit vector v and
 * T = YΘYᵀ of m Lanczos steps from it, Σₖ τₖ·f(θₖ) with τₖ = (e₁ᵀyₖ)² is vᵀf(H)v for all polynomials f of degree below
 * 2m; on average over v that is the mean of f over the eigenvalues. Nodes θ and weights τ are kept: a kernel is laid
 * over them afterwards (density.ts).
 * Source: Golub & Welsch 1969; Lin, Saad, Yang 2016; Ghorbani, Krishnan, Xiao 2019.
 */
import { randomStream } from '../../../base/random'
import * as tf from '../../../engine/tf'
import type { KrylovSpaces } from './krylov'

export interface SpectrumSettings {
  /** Lanczos steps a probe; m·P values are held meanwhile. */
  steps: number
  probes: number
  seed: number
}

export const SPECTRUM_DEFAULTS: SpectrumSettings = { steps: 80, probes: 10, seed: 0 }

/** The quadrature of one probe; weights sum to 1. */
export interface Quadrature {
  /** Ascending. */
  nodes: Float64Array
  weights: Float64Array
}

/**
 * @param onProgress with the products done and wanted, and the probes that are finished
 * @returns one quadrature a finished probe
 */
export async function spectrumOf(
  spaces: KrylovSpaces,
  settings: SpectrumSettings = SPECTRUM_DEFAULTS,
  {
    onProgress,
    signal,
  }: {
    onProgress?(done: number, total: number, found: readonly Quadrature[]): void
    signal?: AbortSignal
  } = {},
): Promise<Quadrature[]> {
  const { size } = spaces.operator
  const steps = Math.min(settings.steps, size)
  const found: Quadrature[] = []
  for (let k = 0; k < settings.probes; k++) {
    const random = randomStream(settings.seed, 'probes', 1_000_000 + k)
    const start = tf.tensor1d(Float32Array.from({ length: size }, () => random.normal()))
    const space = spaces.from(start)
    start.dispose()
    try {
      await space.grow({
        steps,
        signal,
        enough: ({ steps: done }) => {
          onProgress?.(k * steps + done, settings.probes * steps, found)
          return false
        },
      })
      // Half a probe says something else than a whole one.
      if (signal?.aborted) break
      const { values, components } = space.decomposed([0])
      found.push({ nodes: values, weights: components[0].map((first) => first * first) })
    } finally {
      space.dispose()
    }
  }
  return found
}
