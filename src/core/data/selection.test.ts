import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evalSubset } from './evalSubset'
import { selectTraining } from './selection'

const FASHION = new Array(24).fill(2500)

/** Global image numbers in the run's order. */
function chosen(counts: number[], n: number | null, seed: number): number[] {
  return selectTraining(counts, n, seed).flatMap(({ shard, indices }) =>
    Array.from(indices, (index) => counts.slice(0, shard).reduce((sum, count) => sum + count, 0) + index),
  )
}

describe('selectTraining', () => {
  it.each([
    [1, 1],
    [512, 1],
    [2500, 1],
    [2501, 2],
    [5000, 2],
    [60000, 24],
  ])('%i images need %i shards', (n, shards) => {
    expect(selectTraining(FASHION, n, 0)).toHaveLength(shards)
  })

  it('takes exactly n different images, and all of them when n is null or too large', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(counts, fc.option(fc.integer({ min: 1, max: 200 })), fc.nat(), (sizes, n, seed) => {
        const total = sizes.reduce((sum, count) => sum + count, 0)
        const images = chosen(sizes, n, seed)
        expect(images).toHaveLength(Math.min(n ?? total, total))
        expect(new Set(images).size).toBe(images.length)
        expect(images.every((image) => image >= 0 && image < total)).toBe(true)
      }),
    )
  })

  it('is the first n of one order: a smaller run’s images begin a larger run’s', () => {
    const whole = chosen(FASHION, null, 3)
    for (const n of [1, 100, 2500, 4000, 7501]) expect(chosen(FASHION, n, 3)).toEqual(whole.slice(0, n))
  })

  it('offsets say where each part stands', () => {
    let next = 0
    for (const part of selectTraining(FASHION, 6000, 1)) {
      expect(part.offset).toBe(next)
      next += part.indices.length
    }
    expect(next).toBe(6000)
  })

  it('draws every shard’s order for itself', () => {
    const orders = selectTraining(FASHION, null, 0).map(({ indices }) => indices.join())
    expect(new Set(orders).size).toBe(24)
  })

  it('depends on the seed alone, and every image has its chance', () => {
    expect(chosen(FASHION, 50, 1)).toEqual(chosen(FASHION, 50, 1))
    expect(chosen(FASHION, 50, 1)).not.toEqual(chosen(FASHION, 50, 2))
    const hits = new Array(12).fill(0)
    const seeds = 3000
    for (let seed = 0; seed < seeds; seed++) for (const image of chosen([4, 4, 4], 3, seed)) hits[image]++
    // Binomial(3000, 1/4): deviation 24; five of them.
    for (const count of hits) expect(Math.abs(count - seeds / 4)).toBeLessThan(120)
  })
})

describe('evalSubset', () => {
  it('is n ascending, different, fixed positions; a smaller one is part of a larger one', () => {
    const small = evalSubset(10000, 500, 7)
    const large = new Set(evalSubset(10000, 2000, 7))
    expect(small).toEqual(evalSubset(10000, 500, 7))
    expect(new Set(small).size).toBe(500)
    expect([...small]).toEqual([...small].sort((a, b) => a - b))
    expect(small.every((index) => index < 10000 && large.has(index))).toBe(true)
    expect(small).not.toEqual(evalSubset(10000, 500, 8))
  })

  it('is everything when n is as large as the split or larger', () => {
    expect([...evalSubset(4, 4, 0)]).toEqual([0, 1, 2, 3])
    expect([...evalSubset(4, Number.POSITIVE_INFINITY, 0)]).toEqual([0, 1, 2, 3])
  })
})
