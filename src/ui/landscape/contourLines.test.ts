import { describe, expect, it } from 'vitest'
import { contourLevels, contourLines } from './contourLines'

const grid = (n: number, f: (x: number, y: number) => number) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => f(j, i)))

describe('contourLines', () => {
  it('draws a circle where a bowl has one height', () => {
    const segments = contourLines(
      grid(41, (x, y) => (x - 20) ** 2 + (y - 20) ** 2),
      144,
    )
    const length = segments.reduce(
      (sum, { from, to }) => sum + Math.hypot(from[0] - to[0], from[1] - to[1]),
      0,
    )
    expect(length).toBeCloseTo(2 * Math.PI * 12, 0)
    for (const { from } of segments) expect(Math.hypot(from[0] - 20, from[1] - 20)).toBeCloseTo(12, 1)
  })

  it('closes every line: each end inside the grid is shared by two pieces', () => {
    const segments = contourLines(
      grid(15, (x, y) => Math.sin(x) * Math.cos(y)),
      0.1,
    )
    const ends = new Map<string, number>()
    for (const { from, to } of segments)
      for (const [x, y] of [from, to]) {
        if (x === 0 || y === 0 || x === 14 || y === 14) continue
        const key = `${x.toFixed(9)},${y.toFixed(9)}`
        ends.set(key, (ends.get(key) ?? 0) + 1)
      }
    expect(ends.size).toBeGreaterThan(10)
    expect([...ends.values()].every((count) => count === 2)).toBe(true)
  })
})

describe('contourLevels', () => {
  it('steps by equal factors on a log scale', () => {
    const levels = contourLevels([0.1, 1000], 3, true)
    expect(levels.map((level) => Number(level.toPrecision(6)))).toEqual([1, 10, 100])
  })

  it('has none on a flat surface', () => {
    expect(contourLevels([2, 2], 5, false)).toEqual([])
  })
})
