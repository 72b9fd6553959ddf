import { describe, expect, it } from 'vitest'
import { coarseToFine, coarseToFineGrid, interpolationPoints, symmetricPoints } from './grid'
import { basinWidth, compareLevel } from './width'

describe('slice points', () => {
  it.each([3, 4, 21, 40, 41, 401])('%i points hold both ends and exactly the centre', (n) => {
    const at = symmetricPoints(0.7, n)
    expect(at.length % 2).toBe(1)
    expect(at[0]).toBe(-0.7)
    expect(at.at(-1)).toBe(0.7)
    expect(at[(at.length - 1) / 2] === 0).toBe(true)
  })

  it.each([3, 10, 41])('an interpolation of %i points passes through both networks', (n) => {
    const at = interpolationPoints(n)
    expect(at.length).toBeGreaterThanOrEqual(n)
    expect([at[0], at.at(-1)]).toEqual([-0.5, 1.5])
    expect(at).toContain(0)
    expect(at).toContain(1)
  })

  it.each([3, 5, 21, 22, 41])('every one of %i points is visited once, the centre first', (n) => {
    const order = coarseToFine(n)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
    expect(order[0]).toBe((n - 1) >> 1)
  })

  it('a grid is visited once, and its first part spans it', () => {
    const cells = coarseToFineGrid(21)
    expect(new Set(cells.map(([i, j]) => i * 21 + j)).size).toBe(441)
    expect(cells).toHaveLength(441)
    expect(cells[0]).toEqual([10, 10])
    const early = cells.slice(0, 60)
    for (const corner of [
      [0, 0],
      [0, 20],
      [20, 0],
      [20, 20],
    ])
      expect(early).toContainEqual(corner)
  })
})

describe('basin width', () => {
  const at = symmetricPoints(1, 41)

  it('is that of a parabola', () => {
    const width = basinWidth(
      at,
      at.map((a) => 0.5 + 8 * a * a),
      2.5,
    )
    expect(width?.width).toBeCloseTo(1, 2)
    expect(width?.left).toBeCloseTo(-0.5, 2)
    expect(width?.clipped).toBe(false)
  })

  it('ends at the first crossing, even where the loss comes down again', () => {
    const width = basinWidth(
      at,
      at.map((a) => (Math.abs(a) > 0.3 && Math.abs(a) < 0.6 ? 9 : 1)),
      2,
    )
    expect(width?.right).toBeLessThan(0.31)
  })

  it('says when the slice ended first, and nothing when the centre lies above', () => {
    expect(
      basinWidth(
        at,
        at.map(() => 1),
        2,
      ),
    ).toMatchObject({ width: 2, clipped: true })
    expect(
      basinWidth(
        at,
        at.map(() => 3),
        2,
      ),
    ).toBeUndefined()
    expect(
      basinWidth(
        at,
        at.map(() => Number.NaN),
        2,
      ),
    ).toBeUndefined()
  })

  it('passes over what is not measured yet', () => {
    const loss = at.map((a, i) => (i % 4 === 0 ? 8 * a * a : Number.NaN))
    expect(basinWidth(at, loss, 2)?.width).toBeCloseTo(1, 1)
  })

  it('compares at the loss of guessing, or above the higher centre', () => {
    expect(compareLevel([0.3, 1.3], Math.log(10))).toBeCloseTo(Math.log(10))
    expect(compareLevel([0.3, 3], Math.log(10))).toBe(4)
  })
})
