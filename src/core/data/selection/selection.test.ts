import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evalSubset } from './evalSubset'
import { heldOutImages } from './holdOut'
import { selectHeldOut, selectTraining } from './selection'

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

const numbers = (counts: number[], parts: ReturnType<typeof selectTraining>): number[] =>
  parts.flatMap(({ shard, indices }) =>
    Array.from(indices, (i) => counts.slice(0, shard).reduce((sum, count) => sum + count, 0) + i),
  )

describe('scattered sets', () => {
  const COUNTS = [10, 30, 5]

  it('draws n images from all shards; a smaller n is part of a larger one', () => {
    const draw = (n: number | null) => numbers(COUNTS, selectTraining(COUNTS, n, 3, { scattered: true }))
    const all = draw(null)
    expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: 45 }, (_, i) => i))
    const small = draw(9)
    expect(new Set(small).size).toBe(9)
    expect(draw(20)).toEqual(expect.arrayContaining(small))
    const seeds = Array.from({ length: 20 }, (_, seed) =>
      selectTraining(COUNTS, 12, seed, { scattered: true }),
    )
    // In the two-level order twelve images would come from one or two shards.
    expect(seeds.filter((parts) => parts.length === 3).length).toBeGreaterThan(10)
  })

  it('offsets say where each part stands', () => {
    let next = 0
    for (const part of selectTraining(COUNTS, 20, 1, { scattered: true })) {
      expect(part.offset).toBe(next)
      next += part.indices.length
    }
    expect(next).toBe(20)
  })
})

describe('hold-out', () => {
  it.each([
    ['cifar10', 50_000, 45_000, 50_000],
    ['cifar100', 50_000, 45_000, 50_000],
    ['fashion_mnist', 60_000, 54_000, 60_000],
    ['svhn', 604_388, 65_929, 73_257],
    ['svhn', 73_257, 65_929, 73_257],
    ['cifar10', 10_000, 9_000, 10_000],
    ['mine', 105, 95, 105],
  ] as const)('%s with %i images holds out %i to %i', (name, count, from, to) => {
    const marks = heldOutImages(name, count, false)
    expect(marks.reduce((sum, mark) => sum + mark, 0)).toBe(to - from)
    expect(marks.subarray(from, to).every((mark) => mark === 1)).toBe(true)
  })

  it.each([false, true])(
    'is apart from what is trained on, together they are everything (scattered %s)',
    (scattered) => {
      const counts = [7, 20, 13]
      const heldOut = heldOutImages('mine', 40, scattered)
      const held = numbers(counts, selectHeldOut(counts, heldOut))
      const trained = numbers(counts, selectTraining(counts, null, 5, { scattered, heldOut }))
      expect(held).toHaveLength(4)
      expect([...held, ...trained].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i))
      expect(numbers(counts, selectTraining(counts, 10, 5, { scattered, heldOut }))).toHaveLength(10)
    },
  )
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
