import fc from 'fast-check'
import { expect, it } from 'vitest'
import { against, figure } from './stats'

it('takes the middle of odd counts and the mean of the two middles of even ones', () => {
  expect(figure([3, 1, 2])).toEqual({ min: 1, median: 2 })
  expect(figure([4, 1, 3, 2])).toEqual({ min: 1, median: 2.5 })
  expect(figure([7])).toEqual({ min: 7, median: 7 })
  expect(() => figure([])).toThrow(/at least one/)
})

it('has half of the values on either side, in whatever order, and changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }), (values) => {
      const before = [...values]
      const { min, median } = figure(values)
      expect(values).toEqual(before)
      expect(min).toBe(Math.min(...values))
      expect(values.filter((v) => v < median).length).toBeLessThanOrEqual(values.length / 2)
      expect(values.filter((v) => v > median).length).toBeLessThanOrEqual(values.length / 2)
    }),
  )
})

it('the ratio is peer / Basin of the medians', () => {
  expect(against({ min: 1, median: 2 }, { min: 5, median: 10 })).toEqual({ min: 5, median: 10, ratio: 5 })
})
