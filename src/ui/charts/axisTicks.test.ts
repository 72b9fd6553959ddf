import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisTicks } from './axisTicks'

describe('axisTicks', () => {
  it('takes round steps', () => {
    expect(axisTicks(0, 3.3)).toEqual([0, 1, 2, 3, 4])
    expect(axisTicks(0, 0.82)).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(axisTicks(-0.0001, 2.1)).toEqual([0, 1, 2, 3])
  })

  it('has an axis for nothing and for a constant', () => {
    expect(axisTicks(Infinity, -Infinity)).toEqual([0, 1])
    expect(axisTicks(0, 0)).toEqual([0, 1])
    expect(axisTicks(3, 3)).toEqual([0, 1, 2, 3])
  })

  it('encloses the data with few ticks', () => {
    const value = fc.double({ min: -1e5, max: 1e5, noNaN: true })
    fc.assert(
      fc.property(value, fc.double({ min: 1e-3, max: 1e5, noNaN: true }), (low, spread) => {
        const ticks = axisTicks(low, low + spread)
        const slack = 0.03 * (ticks[1] - ticks[0]) + 1e-9
        expect(ticks[0]).toBeLessThanOrEqual(low + slack)
        expect(ticks[ticks.length - 1]).toBeGreaterThanOrEqual(low + spread - slack)
        expect(ticks.length).toBeLessThanOrEqual(7)
      }),
    )
  })
})
