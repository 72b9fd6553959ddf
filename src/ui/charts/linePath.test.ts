import { expect, it } from 'vitest'
import { bandPath, dotsPath, linePath } from './linePath'

const x = (value: number) => 10 * value
const y = (value: number) => 50 - 50 * value

it('joins measured values over rows without one', () => {
  const rows = [
    { x: 0, a: 0 },
    { x: 3, b: 9 },
    { x: 5, a: 0.333 },
    { x: 10, a: 1 },
  ]
  expect(linePath(rows, 'a', x, y)).toBe('M0,50L50,33.3L100,0')
  expect(dotsPath(rows, 'a', x, y)).toBe('M0,50h0M50,33.3h0M100,0h0')
  expect(linePath(rows, 'c', x, y)).toBe('')
})

it('runs along the upper ends of intervals and back along the lower ones', () => {
  const rows = [
    { x: 0, low: 0, high: 1 },
    { x: 2, low: 0.5 },
    { x: 3, low: 0.2, high: 0.4 },
  ]
  expect(bandPath(rows, 'low', 'high', x, y)).toBe('M0,0L30,30L30,40L0,50Z')
  expect(bandPath(rows, 'low', 'none', x, y)).toBe('')
})
