import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { smooth } from './smooth'

describe('smooth', () => {
  it('leaves a constant a constant, from the first point on', () => {
    for (const value of smooth(new Array(50).fill(2.3), 0.95)) expect(value).toBeCloseTo(2.3, 10)
  })

  it('is the weighted mean of everything so far', () => {
    const w = 0.6
    const got = smooth([3, 1, 4], w)
    expect(got[1]).toBeCloseTo((1 + w * 3) / (1 + w), 12)
    expect(got[2]).toBeCloseTo((4 + w * 1 + w * w * 3) / (1 + w + w * w), 12)
  })

  it('smooths over the same number of steps however often was measured', () => {
    const step = Array.from({ length: 2000 }, (_, i) => (i < 1000 ? 0 : 1))
    const rare = step.map((value, i) => (i % 10 === 9 ? value : Number.NaN))
    const dense = smooth(step, 0.98)
    const sparse = smooth(rare, 0.98)
    expect(sparse[1000]).toBeNaN()
    for (const i of [1009, 1059, 1199]) expect(sparse[i]).toBeCloseTo(dense[i], 2)
  })

  it('stays between the smallest and the largest value', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 0.99, noNaN: true }), (y, weight) => {
        const low = Math.min(...y) - 1e-6
        const high = Math.max(...y) + 1e-6
        for (const value of smooth(y, weight)) expect(value >= low && value <= high).toBe(true)
      }),
    )
  })
})
