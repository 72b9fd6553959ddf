import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisTicks, logTicks } from './axisTicks'

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
        const slack = 0.03 * (ticks[1] - ticks[0]) + 1e-9 * (1 + Math.abs(low) + spread)
        expect(ticks[0]).toBeLessThanOrEqual(low + slack)
        expect(ticks[ticks.length - 1]).toBeGreaterThanOrEqual(low + spread - slack)
        expect(ticks.length).toBeLessThanOrEqual(7)
      }),
    )
  })
})

describe('logTicks', () => {
  it('takes 1, 2, 5 over few decades and whole decades over many', () => {
    expect(logTicks(0.3, 2.1)).toEqual([0.3, 1, 3])
    expect(logTicks(1.5, 8)).toEqual([1, 2, 5, 10])
    expect(logTicks(2e-5, 30)).toEqual([1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100])
    expect(logTicks(Infinity, -Infinity)).toEqual([1, 10])
  })

  it('encloses the values', () => {
    const exponent = fc.double({ min: -8, max: 8, noNaN: true })
    fc.assert(
      fc.property(exponent, fc.double({ min: 0, max: 8, noNaN: true }), (low, spread) => {
        const [from, to] = [10 ** low, 10 ** (low + spread)]
        const ticks = logTicks(from, to)
        expect(ticks[0]).toBeLessThanOrEqual(from * 1.001)
        expect(ticks.at(-1)!).toBeGreaterThanOrEqual(to * 0.999)
        expect(ticks.length).toBeGreaterThan(1)
        expect(ticks.every((tick, i) => i === 0 || tick > ticks[i - 1])).toBe(true)
      }),
    )
  })
})
