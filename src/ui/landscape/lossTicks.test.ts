import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lossTicks } from './lossTicks'

describe('lossTicks', () => {
  it('takes round values', () => {
    expect(lossTicks([1.26, 6.3], true)).toEqual([2, 3, 4, 5, 6])
    expect(lossTicks([0.3, 17], true)).toEqual([0.5, 1, 2, 5, 10])
    expect(lossTicks([0.02, 170], true)).toEqual([0.03, 0.1, 0.3, 1, 3, 10, 30, 100])
    expect(lossTicks([0, 8], false)).toEqual([0, 2, 4, 6, 8])
  })

  it('has two or more inside any range, and not too many', () => {
    const loss = fc.double({ min: 1e-4, max: 1e4, noNaN: true })
    fc.assert(
      fc.property(loss, fc.double({ min: 1.2, max: 1e6, noNaN: true }), fc.boolean(), (low, times, log) => {
        const high = low * times
        const ticks = lossTicks([low, high], log)
        expect(ticks.length).toBeGreaterThanOrEqual(2)
        expect(ticks.length).toBeLessThanOrEqual(13)
        for (const tick of ticks) expect(tick >= low * 0.999 && tick <= high * 1.001).toBe(true)
      }),
    )
  })
})
