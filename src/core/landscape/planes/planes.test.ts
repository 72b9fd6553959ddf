import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it } from 'vitest'
import { thinned } from '../../../base/thinned'
import { threePointPlane } from './choose'
import { jacobiEigen } from './jacobi'
import { principal } from './pca'
import { described, stretches } from './plane'
import { beside, cosine, norm, projected, scaledTo } from './vectors'

const noStats = new Float32Array(0)
const point = (name: string, ...theta: number[]) => ({
  name,
  theta: Float32Array.from(theta),
  batchStats: noStats,
})

describe('projections', () => {
  it('are those of the drawing board', () => {
    // The plane z = 1 with axes that are not at right angles: (1, 0, 0) and (1, 1, 0).
    const origin = Float32Array.of(0, 0, 1)
    const directions = [Float32Array.of(1, 0, 0), Float32Array.of(1, 1, 0)]
    const { at, outside } = projected(Float32Array.of(5, 3, 4), origin, directions)
    expect(at[0]).toBeCloseTo(2, 12)
    expect(at[1]).toBeCloseTo(3, 12)
    expect(outside).toBeCloseTo(3, 12)
    const line = projected(Float32Array.of(3, 4, 1), origin, [Float32Array.of(2, 0, 0)])
    expect(line).toEqual({ at: [1.5], outside: 4 })
  })

  it('know lengths and angles', () => {
    expect(cosine(Float32Array.of(1, 0), Float32Array.of(1, 1))).toBeCloseTo(Math.SQRT1_2, 12)
    expect([...beside(Float32Array.of(3, 4), Float32Array.of(0, 2))]).toEqual([3, 0])
    expect([...scaledTo(Float32Array.of(3, 4), 10)]).toEqual([6, 8])
    expect([...scaledTo(Float32Array.of(0, 0), 10)]).toEqual([0, 0])
  })
})

describe('eigenvalues by rotations', () => {
  it('are those that numpy.linalg.eigh has', () => {
    // numpy.linalg.eigh([[4,1,2],[1,3,0],[2,0,1]])
    const { values, vectors } = jacobiEigen([
      [4, 1, 2],
      [1, 3, 0],
      [2, 0, 1],
    ])
    const expected = [5.34646219, 2.72224563, -0.06870782]
    values.forEach((value, k) => {
      expect(value).toBeCloseTo(expected[k], 8)
    })
    for (const [k, v] of vectors.entries()) {
      expect(norm(v)).toBeCloseTo(1, 12)
      const product = [4 * v[0] + v[1] + 2 * v[2], v[0] + 3 * v[1], 2 * v[0] + v[2]]
      product.forEach((value, i) => {
        expect(value).toBeCloseTo(values[k] * v[i], 12)
      })
    }
  })
})

describe('principal directions', () => {
  it('of points whose spread is known', async () => {
    // 3 along (1, 1, 0)/√2, 1 along (0, 0, 1), about (10, 20, 30): variances 9 : 1.
    const s = 3 / Math.SQRT2
    const points = [
      [10 + s, 20 + s, 30],
      [10 - s, 20 - s, 30],
      [10, 20, 31],
      [10, 20, 29],
    ].map((values) => Float64Array.from(values))
    const { mean, directions, shares } = await principal(points, 2)
    expect([...mean]).toEqual([10, 20, 30])
    expect(shares[0]).toBeCloseTo(0.9, 12)
    expect(shares[1]).toBeCloseTo(0.1, 12)
    expect(Math.abs(directions[0][0])).toBeCloseTo(Math.SQRT1_2, 12)
    expect(directions[0][0]).toBeCloseTo(directions[0][1], 12)
    expect(Math.abs(directions[1][2])).toBeCloseTo(1, 12)
    expect(directions.map(norm).every((length) => Math.abs(length - 1) < 1e-12)).toBe(true)
  })

  it('are as many as the points lie on', async () => {
    const points = [0, 1, 2].map((t) => Float32Array.of(t, 2 * t, 0, 1))
    const { directions, shares } = await principal(points, 2)
    expect(directions).toHaveLength(1)
    expect(shares[0]).toBeCloseTo(1, 12)
  })

  it('take evenly chosen points of many', () => {
    expect(thinned([0, 1, 2, 3, 4, 5, 6, 7, 8], 5)).toEqual([0, 2, 4, 6, 8])
    expect(thinned([3, 4], 5)).toEqual([3, 4])
  })
})

describe('the plane through three points', () => {
  const plane = threePointPlane(point('a', 0, 0, 0), point('b', 2, 0, 0), point('c', 1, 3, 0))

  it('meets them, with equal lengths and a right angle', () => {
    const { values, at } = described(
      { ...plane, marks: [...plane.marks, point('d', 2, 3, 5)] },
      Float32Array.of(0, 0, 0),
      ['x', 'y'],
    )
    expect([...values.direction_length]).toEqual([2, 2])
    expect(values.cosine).toBe(0)
    expect([...at[0]]).toEqual([0, 1, 0.5, 1])
    expect([...at[1]]).toEqual([0, 0, 1.5, 1.5])
    expect([...values.mark_outside]).toEqual([0, 0, 0, 5])
  })

  it('is measured around them', () => {
    const about = described(plane, Float32Array.of(0, 0, 0), ['x', 'y'])
    expect(stretches(plane, about, 1)).toEqual([
      [-1, 2],
      [-0.75, 2.25],
    ])
    expect(stretches({ ...plane, framed: 0 }, about, 0.5)).toEqual([
      [-0.5, 0.5],
      [-0.5, 0.5],
    ])
  })

  it('moves statistics so that each point has its own', () => {
    const withStats = (name: string, theta: number[], stats: number[]) => ({
      name,
      theta: Float32Array.from(theta),
      batchStats: Float32Array.from(stats),
    })
    const { directions } = threePointPlane(
      withStats('a', [0, 0], [1, 1]),
      withStats('b', [2, 0], [3, 1]),
      withStats('c', [1, 4], [2, 5]),
    )
    const at = (x: number, y: number) =>
      [1, 1].map((start, i) => start + x * directions[0].stats![i] + y * directions[1].stats![i])
    expect(at(1, 0)).toEqual([3, 1])
    expect(at(0.5, 2)).toEqual([2, 5])
  })

  it('is refused where they lie on one line', () => {
    expect(() => threePointPlane(point('a', 0, 0), point('b', 1, 1), point('c', 2, 2))).toThrow(
      'through: three points that are not on one line, got a; b; c',
    )
    expect(() => threePointPlane(point('a', 0, 0), point('b', 0, 0), point('c', 2, 2))).toThrow(
      'toward: two points that differ, got a and b',
    )
  })
})
