import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { GrowingWays, MOST_POINTS, type WaysOnPlane } from './growingWays'
import { jacobiEigen } from './jacobi'
import { principal } from './pca'
import { SKETCH, sketchOf } from './sketch'
import { topTwo } from './topTwo'
import { norm, projected } from './vectors'

const random = randomStream(3, 'probes')
const draw = (size: number) => Float32Array.from({ length: size }, () => random.normal())

/** A way with a bend and some noise: `count` points about a first one. */
function wayOf(size: number, count: number): Float32Array[] {
  const [start, along, aside] = [draw(size), draw(size), draw(size)]
  return Array.from({ length: count }, (_, i) => {
    const t = i / (count - 1)
    const noise = i === 0 ? new Float32Array(size) : draw(size)
    return start.map((value, p) => value + 3 * t * along[p] + t * (1 - t) * 4 * aside[p] + 0.02 * noise[p])
  })
}

function grown(ways: Record<string, Float32Array[]>): WaysOnPlane {
  const growing = new GrowingWays(Object.keys(ways))
  // Runs take turns, as they train.
  const longest = Math.max(...Object.values(ways).map(({ length }) => length))
  for (let number = 0; number < longest; number++)
    for (const [run, points] of Object.entries(ways))
      if (points[number]) growing.add({ run, step: 10 * number, number, theta: points[number] })
  return growing.plane()!
}

describe('ways that grow', () => {
  it('lie where the ways of runs that stand do', async () => {
    const sgd = wayOf(500, 6)
    const sam = [sgd[0], ...wayOf(500, 5).slice(1)]
    const ways = grown({ sgd, sam })
    const distinct = [...sgd, ...sam.slice(1)]
    const { mean, directions, shares } = await principal(distinct, 2)
    expect(ways.points.map(({ run, step }) => `${run} ${step}`)).toEqual([
      ...[0, 10, 20, 30, 40, 50].map((step) => `sgd ${step}`),
      ...[0, 10, 20, 30, 40].map((step) => `sam ${step}`),
    ])
    for (const [i, theta] of [...sgd, ...sam].entries()) {
      const { at, outside } = projected(theta, mean, directions)
      expect(ways.points[i].x).toBeCloseTo(at[0], 2)
      expect(ways.points[i].y).toBeCloseTo(at[1], 2)
      expect(ways.points[i].outside).toBeCloseTo(outside, 2)
    }
    ways.share.forEach((share, k) => {
      expect(share).toBeCloseTo(shares[k], 6)
    })
  })

  it('of many weights lie there within some percent', async () => {
    const points = wayOf(20 * SKETCH, 12)
    const ways = grown({ sam: points })
    const { mean, directions, shares } = await principal(points, 2)
    const length = norm(points[11].map((value, i) => value - points[0][i]))
    for (const [i, theta] of points.entries()) {
      const { at } = projected(theta, mean, directions)
      expect(Math.hypot(ways.points[i].x - at[0], ways.points[i].y - at[1])).toBeLessThan(0.05 * length)
    }
    expect(ways.share[0]).toBeCloseTo(shares[0], 1)
  })

  it('are none on a line, and keep their ends where they are many', () => {
    const growing = new GrowingWays(['sam'])
    const [start, along] = [draw(40), draw(40)]
    const at = (t: number) => start.map((value, i) => value + t * along[i])
    for (let number = 0; number < 3; number++)
      growing.add({ run: 'sam', step: number, number, theta: at(number) })
    expect(growing.plane()).toBeUndefined()
    for (const [number, theta] of wayOf(40, 3 * MOST_POINTS).entries())
      growing.add({ run: 'sam', step: number, number, theta })
    const steps = growing.plane()!.points.map(({ step }) => step)
    expect(steps.length).toBeLessThanOrEqual(MOST_POINTS)
    expect(steps.slice(0, 3)).toEqual([0, 4, 8])
    expect(steps.at(-1)).toBe(3 * MOST_POINTS - 1)
    // One that was passed by then is of no use between so many.
    growing.add({ run: 'sam', step: 5, number: 5, theta: at(5) })
    expect(growing.plane()!.points.map(({ step }) => step)).toEqual(steps)
    // It goes on from before.
    growing.forget('sam', 8)
    growing.add({ run: 'sam', step: 8, number: 8, theta: at(9) })
    expect(growing.plane()!.points.map(({ step }) => step)).toEqual([0, 4, 8])
    growing.forget('sam')
    expect(growing.plane()).toBeUndefined()
  })
})

describe('a sketch', () => {
  it('has the lengths of what it is of', () => {
    const few = draw(300)
    expect(norm(sketchOf(few))).toBeCloseTo(norm(few), 10)
    for (let k = 0; k < 20; k++) {
      const many = draw(50_000)
      expect(Math.abs(norm(sketchOf(many)) / norm(many) - 1)).toBeLessThan(0.05)
    }
    // A unit's weights lie a layer's width apart.
    const unit = new Float32Array(400_000).map((_, i) => (i % 256 === 7 ? 1 : 0))
    expect(Math.abs(norm(sketchOf(unit)) / norm(unit) - 1)).toBeLessThan(0.1)
  })
})

it('two eigenvalues are the first of all', () => {
  const points = wayOf(30, 9)
  const gram = points.map((one) =>
    Float64Array.from(points, (other) => one.reduce((sum, value, i) => sum + value * other[i], 0)),
  )
  const all = jacobiEigen(gram)
  const { values, vectors } = topTwo(gram)
  values.forEach((value, k) => {
    expect(Math.abs(value / all.values[k] - 1)).toBeLessThan(1e-5)
    const product = vectors[k].reduce((sum, entry, i) => sum + entry * all.vectors[k][i], 0)
    expect(Math.abs(product)).toBeCloseTo(1, 4)
  })
})
