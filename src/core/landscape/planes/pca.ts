/**
 * The directions in which points of weight space lie furthest apart. P is large and points are few, so it is the n × n
 * matrix of their products that is decomposed (the SVD of the centred points, by their Gram matrix), in double precision.
 * Source: Li et al., "Visualizing the Loss Landscape of Neural Nets", 2018, §7; theirs are taken from the last point, ours
 * from the mean, so that shares of variance are what they are called.
 */
import { Breather } from '../../queue/breather'
import { jacobiEigen } from './jacobi'
import { difference, dot, type Vector } from './vectors'

export interface Principal {
  /** [P] */
  mean: Float64Array
  /** Of norm 1, [P] each; fewer than asked where the points lie on less. */
  directions: Float64Array[]
  /** Of each direction: its share of the variance of all points, 0 to 1. */
  shares: number[]
  /** of[k][i]: what of point i makes direction k, so that direction k = Σᵢ of[k][i]·(pointᵢ − mean). */
  of: Float64Array[]
}

/** Beside the largest eigenvalue: what 32-bit points leave of none. */
const NOTHING = 1e-10

/** @param points [P] each */
export async function principal(points: readonly Vector[], count: number): Promise<Principal> {
  const size = points[0].length
  const breather = new Breather()
  const mean = new Float64Array(size)
  for (const point of points) for (let i = 0; i < size; i++) mean[i] += point[i] / points.length
  const gram = points.map(() => new Float64Array(points.length))
  for (let i = 0; i < points.length; i++) {
    const own = difference(points[i], mean)
    for (let j = 0; j <= i; j++) {
      const product = j === i ? dot(own, own) : centredDot(own, points[j], mean)
      gram[i][j] = product
      gram[j][i] = product
      await breather.breathe()
    }
  }
  const { values, vectors } = jacobiEigen(gram)
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0)
  const found = values.slice(0, count).filter((value) => value > NOTHING * values[0])
  const of = found.map((value, k) => {
    const weights = upright(vectors[k])
    return weights.map((weight) => weight / Math.sqrt(value))
  })
  const directions = of.map(() => new Float64Array(size))
  for (let i = 0; i < points.length; i++) {
    const own = difference(points[i], mean)
    directions.forEach((direction, k) => {
      for (let p = 0; p < size; p++) direction[p] += of[k][i] * own[p]
    })
    await breather.breathe()
  }
  return { mean, directions, shares: found.map((value) => value / total), of }
}

function centredDot(a: Float64Array, b: Vector, mean: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * (b[i] - mean[i])
  return sum
}

/** Of the two vectors that an eigenvalue has, that whose last point lies on the positive side. */
export function upright(vector: Float64Array): Float64Array {
  const last = vector.findLast((value) => Math.abs(value) > 1e-12) ?? 1
  return last < 0 ? vector.map((value) => -value) : vector
}
