/**
 * From nodes and weights to a curve: a normal kernel of one width over every node,
 *     φ(t) = 1/n·Σ_probes Σₖ τₖ·N(t; θₖ, σ²),
 * a pure function of what was measured, so that the width can be chosen afterwards.
 * Source: Ghorbani, Krishnan, Xiao 2019, §2.
 */
import type { Quadrature } from './spectrum'

export interface Density {
  at: Float64Array
  density: Float64Array
}

/** As a measure keeps it: a line a probe, NaN where there is nothing (yet). */
export interface StoredSpectrum {
  probe: Float64Array
  node: Float64Array
  eigenvalue: Float64Array
  weight: Float64Array
}

/** The quadratures of the probes that are done. */
export function quadraturesOf({ probe, node, eigenvalue, weight }: StoredSpectrum): Quadrature[] {
  return Array.from(probe, (_, k) => {
    const from = k * node.length
    // A probe that ended early has fewer nodes.
    const known = eigenvalue.subarray(from, from + node.length).findIndex(Number.isNaN)
    const to = known < 0 ? from + node.length : from + known
    return { nodes: eigenvalue.slice(from, to), weights: weight.slice(from, to) }
  }).filter(({ nodes }) => nodes.length > 0)
}

/** Lowest and highest node. */
export function rangeOf(spectra: readonly Quadrature[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { nodes } of spectra) {
    low = Math.min(low, nodes[0])
    high = Math.max(high, nodes[nodes.length - 1])
  }
  return [low, high]
}

/** Density of the eigenvalues: its integral over all t is 1. @param width σ @param at where, ascending */
export function densityOf(spectra: readonly Quadrature[], width: number, at: Float64Array): Density {
  return { at, density: smeared(spectra, width, at, (node) => node) }
}

/**
 * Density of log₁₀|λ| over the eigenvalues of one sign; its integral is the share of eigenvalues with this sign and
 * |λ| above the floor. What lies below is noise around 0, and a logarithm would spread it over the whole axis.
 * @param width σ, in decades
 * @param at log₁₀|λ|, ascending
 */
export function logDensityOf(
  spectra: readonly Quadrature[],
  sign: 1 | -1,
  width: number,
  at: Float64Array,
  floor: number,
): Density {
  const place = (node: number) => (sign * node >= floor ? Math.log10(sign * node) : undefined)
  return { at, density: smeared(spectra, width, at, place) }
}

function smeared(
  spectra: readonly Quadrature[],
  width: number,
  at: Float64Array,
  place: (node: number) => number | undefined,
): Float64Array {
  const density = new Float64Array(at.length)
  const peak = 1 / (Math.sqrt(2 * Math.PI) * width * spectra.length)
  for (const { nodes, weights } of spectra) {
    nodes.forEach((node, k) => {
      const centre = place(node)
      if (centre === undefined) return
      for (let i = 0; i < at.length; i++) {
        const z = (at[i] - centre) / width
        if (z > -8 && z < 8) density[i] += weights[k] * peak * Math.exp(-0.5 * z * z)
      }
    })
  }
  return density
}

/** Mean of λᵏ over the eigenvalues, as each probe has it. */
export function momentsOf(spectra: readonly Quadrature[], power: number): number[] {
  return spectra.map(({ nodes, weights }) =>
    nodes.reduce((sum, node, k) => sum + weights[k] * node ** power, 0),
  )
}

/** `points` values from low to high, both among them. */
export function evenly(low: number, high: number, points: number): Float64Array {
  return Float64Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1))
}
