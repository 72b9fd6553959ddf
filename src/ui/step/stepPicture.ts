/**
 * What a step of SAM looks like on the plane of its two gradients, for any radius: points and arrows in the plane's own
 * lengths, x along g, and the numbers of Algorithm 1's lines (Foret et al. 2020). At the radius that was measured the
 * gradient at θ + ε̂ is the measured one, at others the slope of the measured loss there.
 */
import type { ValuesOf } from '../../worker/protocol'
import { fieldAt, type Plane } from './planeField'

export type StepValues = ValuesOf<'step'>
export type Vector = readonly [x: number, y: number]

export interface StepPicture {
  rho: number
  learningRate: number
  gradientNorm: number
  /** L(θ), L(θ + ε̂) */
  lossHere: number
  lossThere: number
  /** g, and g′ at θ + ε̂. */
  gradient: Vector
  gradientThere: Vector
  /** Where a plain step and SAM's step end, without momentum; longer by `stretch` where they were too short to be seen. */
  sgdNext: Vector
  samNext: Vector
  stretch: number
  /** How far the plane reaches. */
  reach: number
}

/** Steps shorter than this share of what else is drawn are drawn longer. */
const LEAST_SHARE = 0.6

export function stepPicture(values: StepValues, plane: Plane, rho: number): StepPicture {
  const { gradient_norm: gradientNorm, learning_rate: learningRate, loss_here: lossHere } = values
  const measured = Math.abs(rho - values.rho) < 1e-9
  const there = fieldAt(plane, [rho, 0])
  const gradient: Vector = [gradientNorm, 0]
  const gradientThere: Vector = rho === 0 ? gradient : measured ? [values.along, values.beside] : there.slope
  const longest = learningRate * Math.max(gradientNorm, Math.hypot(...gradientThere))
  const stretch = stretchOf(longest, values.rho)
  const next = ([x, y]: Vector): Vector => [-learningRate * stretch * x, -learningRate * stretch * y]
  return {
    rho,
    learningRate,
    gradientNorm,
    lossHere,
    lossThere: rho === 0 ? lossHere : measured ? values.loss_there : there.value,
    gradient,
    gradientThere,
    sgdNext: next(gradient),
    samNext: next(gradientThere),
    stretch,
    reach: values.x[values.x.length - 1],
  }
}

/** 1, or 2, 5, 10, 20 …: the first that makes the steps as long as they must be. */
function stretchOf(step: number, rho: number): number {
  if (!(step > 0) || step >= LEAST_SHARE * rho) return 1
  const needed = (LEAST_SHARE * rho) / step
  const power = 10 ** Math.floor(Math.log10(needed))
  return [1, 2, 5, 10].map((digit) => digit * power).find((factor) => factor >= needed) ?? 10 * power
}
