import { describe, expect, it } from 'vitest'
import type { Surface } from './displaySurface'
import { evenLevels, lossScale } from './lossScale'

const surface = (z: number[][]): Surface => ({ x: Float64Array.of(0, 1), y: Float64Array.of(0, 1), z })
const low = surface([
  [0.1, 1],
  [2, 4.1],
])
const high = surface([
  [2, 3],
  [5, 8],
])

describe('one scale for all surfaces', () => {
  it('of losses goes from the lowest of all to the highest', () => {
    const scale = lossScale([low, high], { height: 'loss', scale: 'linear' })
    expect([0.1, 8, 4.05].map(scale.share)).toEqual([0, 1, expect.closeTo(0.5, 12)])
    expect(scale.baseOf(high)).toBe(0)
    const log = lossScale([low, high], { height: 'loss', scale: 'log' })
    // The geometric mean is in the middle.
    expect(log.share(Math.sqrt(0.1 * 8))).toBeCloseTo(0.5, 12)
  })

  it('of rises begins at every surface’s own minimum', () => {
    const scale = lossScale([low, high], { height: 'rise', scale: 'linear' })
    expect([low, high].map(scale.baseOf)).toEqual([0.1, 2])
    // 8 − 2 is the highest of all rises, not 4.1 − 0.1.
    expect([0, 3, 6].map(scale.share)).toEqual([0, 0.5, 1])
    const log = lossScale([low, high], { height: 'rise', scale: 'log' })
    expect([0, 6].map(log.share)).toEqual([0, 1])
    expect(log.share(0.6)).toBeCloseTo(Math.log(11) / Math.log(101), 12)
    expect(log.ticks[0]).toEqual({ value: 0, text: '0' })
  })

  it('has ticks within it, and comes back from a share to its value', () => {
    for (const height of ['rise', 'loss'] as const)
      for (const kind of ['log', 'linear'] as const) {
        const scale = lossScale([low, high], { height, scale: kind })
        for (const share of [0, 0.2, 0.7, 1]) expect(scale.share(scale.at(share))).toBeCloseTo(share, 12)
        const shares = scale.ticks.map(({ value }) => scale.share(value))
        expect(shares.length).toBeGreaterThan(2)
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(0)
        expect(Math.max(...shares)).toBeLessThanOrEqual(1)
        expect(evenLevels(scale, 3).map(scale.share)).toEqual(
          [0.25, 0.5, 0.75].map((share) => expect.closeTo(share, 12)),
        )
      }
  })

  it('of a flat surface is a point', () => {
    const flat = surface([
      [2, 2],
      [2, 2],
    ])
    for (const height of ['rise', 'loss'] as const) {
      const scale = lossScale([flat], { height, scale: 'log' })
      expect(scale.share(2)).toBe(0)
      expect(scale.ticks).toHaveLength(1)
    }
  })
})
