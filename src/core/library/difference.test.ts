import { describe, expect, it } from 'vitest'
import { differenceOf } from './difference'

const seeded = (values: readonly number[], from = 0) => values.map((value, i) => ({ seed: from + i, value }))
const SGD = [0.345, 0.332, 0.351]

describe('the difference of two groups', () => {
  it('of other seeds is Welch’s', () => {
    const found = differenceOf(seeded(SGD), seeded([0.187, 0.189, 0.184, 0.188, 0.186]))
    expect(found).toMatchObject({ n: [3, 5], paired: false })
    // scipy.stats.ttest_ind(second, first, equal_var=False).confidence_interval()
    expect(found.mean).toBeCloseTo(-0.15586666666666668, 12)
    expect(found.half).toBeCloseTo(0.023382303151141814, 8)
  })

  it('of the same seeds is taken seed by seed, in whatever order they stand', () => {
    const found = differenceOf(seeded(SGD), seeded([0.187, 0.189, 0.184]).reverse())
    expect(found).toMatchObject({ n: [3, 3], paired: true })
    // scipy.stats.ttest_rel(second, first).confidence_interval()
    expect(found.mean).toBeCloseTo(-0.156, 12)
    expect(found.half).toBeCloseTo(0.0301185691082462, 8)
  })

  it('is not paired where a seed stands twice', () => {
    const twice = [
      { seed: 0, value: 1 },
      { seed: 0, value: 2 },
    ]
    expect(differenceOf(twice, seeded([3, 4])).paired).toBe(false)
  })

  it('of one run has no interval', () => {
    expect(differenceOf(seeded([1]), seeded([3]))).toEqual({ mean: 2, n: [1, 1], paired: false })
    expect(differenceOf(seeded([1]), seeded([3, 5], 4)).half).toBeUndefined()
  })
})
