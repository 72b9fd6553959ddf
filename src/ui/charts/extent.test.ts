import { describe, expect, it } from 'vitest'
import { extent } from './extent'

const lines = [{ key: 'sam', className: 'curve-sam', label: 'SAM', color: '' }]
const rowsOf = (values: readonly number[]) => values.map((sam, x) => ({ x, sam }))
const ALL = [0, Infinity] as const

describe('extent', () => {
  it('reaches from zero to the largest value', () => {
    expect(extent(rowsOf([3, 1, 2]), lines, ALL, { fromZero: true })).toEqual({ low: 0, high: 3 })
  })

  it('leaves out the spike that a settled curve began with, and says how high it was', () => {
    const values = [9, 4, ...Array.from({ length: 30 }, () => 1)]
    expect(extent(rowsOf(values), lines, ALL, { settled: true })).toEqual({ low: 1, high: 1, spike: 9 })
    expect(extent(rowsOf(values), lines, ALL, {}).high).toBe(9)
  })

  it('keeps the beginning where it is as high as the rest, or all there is', () => {
    const values = Array.from({ length: 30 }, (_, i) => 1.5 - i / 60)
    expect(extent(rowsOf(values), lines, ALL, { settled: true })).toMatchObject({ high: 1.5 })
    expect(extent(rowsOf([9, 1]), lines, ALL, { settled: true })).toEqual({ low: 1, high: 9 })
  })

  it('looks at the stretch alone', () => {
    expect(extent(rowsOf([9, 1, 2]), lines, [1, 2], {})).toEqual({ low: 1, high: 2 })
  })
})
