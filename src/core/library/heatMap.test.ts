import { expect, it } from 'vitest'
import { heatMapOf } from './heatMap'

it('has the mean of each place, in the order of the settings’ values', () => {
  const points = [
    { x: 10, y: 'b', value: 4 },
    { x: 9, y: 'b', value: 1 },
    { x: 9, y: 'b', value: 3 },
    { x: 9, y: 'a', value: 7 },
  ]
  expect(heatMapOf(points)).toEqual({
    xs: [9, 10],
    ys: ['a', 'b'],
    values: [
      [7, Number.NaN],
      [2, 4],
    ],
  })
  expect(heatMapOf([])).toEqual({ xs: [], ys: [], values: [] })
  expect(heatMapOf([{ x: null, y: [1, 2], value: 1 }]).values).toEqual([[1]])
})
