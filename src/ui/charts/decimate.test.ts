import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimate } from './decimate'

const series = fc.array(
  fc.oneof({ weight: 9, arbitrary: fc.double({ noNaN: true }) }, fc.constant(Number.NaN)),
  {
    maxLength: 3000,
  },
)

describe('decimate', () => {
  it('keeps the smallest, the largest, the first and the last measured value', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 4, max: 400 }), (y, maxPoints) => {
        const kept = decimate(y, maxPoints).map((i) => y[i])
        const measured = y.filter(Number.isFinite)
        expect(kept.length).toBeLessThanOrEqual(maxPoints)
        expect(kept.length > 0).toBe(measured.length > 0)
        if (measured.length === 0) return
        expect(kept[0]).toBe(measured[0])
        expect(kept[kept.length - 1]).toBe(measured[measured.length - 1])
        const low = measured.reduce((a, b) => Math.min(a, b))
        const high = measured.reduce((a, b) => Math.max(a, b))
        expect(kept.reduce((a, b) => Math.min(a, b))).toBe(low)
        expect(kept.reduce((a, b) => Math.max(a, b))).toBe(high)
      }),
    )
  })

  it('answers ascending indices of measured values only', () => {
    fc.assert(
      fc.property(series, (y) => {
        const kept = decimate(y, 50)
        for (let k = 0; k < kept.length; k++) {
          expect(Number.isFinite(y[kept[k]])).toBe(true)
          if (k > 0) expect(kept[k]).toBeGreaterThan(kept[k - 1])
        }
      }),
    )
  })
})
