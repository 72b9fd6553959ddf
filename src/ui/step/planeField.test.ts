import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldAt, type Plane } from './planeField'

const axis = Array.from({ length: 21 }, (_, i) => -1 + i / 10)
const planeOf = (f: (x: number, y: number) => number): Plane => ({
  x: axis,
  y: axis,
  z: axis.map((y) => axis.map((x) => f(x, y))),
})
const inside = fc.double({ min: -0.9, max: 0.9, noNaN: true })

describe('a loss between the points where it is known', () => {
  it('is the function itself where that is of the second degree, with its slopes', () => {
    const plane = planeOf((x, y) => 3 + 2 * x - y + x * x - 2 * x * y + 0.5 * y * y)
    fc.assert(
      fc.property(inside, inside, (x, y) => {
        const { value, slope } = fieldAt(plane, [x, y])
        expect(value).toBeCloseTo(3 + 2 * x - y + x * x - 2 * x * y + 0.5 * y * y, 9)
        expect(slope[0]).toBeCloseTo(2 + 2 * x - 2 * y, 8)
        expect(slope[1]).toBeCloseTo(-1 - 2 * x + y, 8)
      }),
    )
  })

  it('is near a smooth function, and its slopes are those of its own values', () => {
    const f = (x: number, y: number) => Math.exp(-x * x - 2 * y * y) + 0.3 * Math.sin(2 * x + y)
    const plane = planeOf(f)
    const h = 1e-5
    fc.assert(
      fc.property(inside, inside, (x, y) => {
        const { value, slope } = fieldAt(plane, [x, y])
        expect(Math.abs(value - f(x, y))).toBeLessThan(2e-3)
        const along = (dx: number, dy: number) =>
          (fieldAt(plane, [x + dx, y + dy]).value - fieldAt(plane, [x - dx, y - dy]).value) / (2 * h)
        expect(slope[0]).toBeCloseTo(along(h, 0), 3)
        expect(slope[1]).toBeCloseTo(along(0, h), 3)
      }),
    )
  })

  it('has the known values at the points, the edge’s too, and is finite beyond', () => {
    const plane = planeOf((x, y) => Math.cos(3 * x) + y)
    for (const i of [0, 7, 20]) {
      for (const j of [0, 13, 20]) {
        expect(fieldAt(plane, [axis[j], axis[i]]).value).toBeCloseTo(plane.z[i][j], 9)
      }
    }
    expect(Number.isFinite(fieldAt(plane, [1.4, -1.3]).value)).toBe(true)
  })
})
