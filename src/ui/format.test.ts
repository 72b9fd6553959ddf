import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAlike, formatInterval, formatNumber, formatSetting, formatTick } from './format'

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [0.00012, '1.2e−4'],
    [0.0123, '0.0123'],
    [2.314, '2.31'],
    [-31.25, '−31.3'],
    [8431, '8,431'],
    [99_999.4, '99,999'],
    [99_999.6, '1.00e5'],
    [14_018_419_016_482_900, '1.40e16'],
    [-1e38, '−1.00e38'],
    [Number.POSITIVE_INFINITY, '∞'],
    [Number.NaN, '–'],
  ])('%d is %s', (value, text) => expect(formatNumber(value)).toBe(text))

  it('never needs more than nine characters', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(formatNumber(value).length).toBeLessThanOrEqual(9)
      }),
    )
  })
})

it('ticks of an axis stay short however far it goes', () => {
  expect([0, 0.25, 5000, 12_500, 99_000, 1e5, 2.5e16, -5e19].map(formatTick)).toEqual([
    '0',
    '0.25',
    '5000',
    '12.5k',
    '99k',
    '1e5',
    '2.5e16',
    '-5e19',
  ])
  const mantissa = fc.constantFrom(1, 2, 2.5, 5)
  fc.assert(
    fc.property(mantissa, fc.integer({ min: -3, max: 38 }), (round, decade) => {
      expect(formatTick(round * 10 ** decade).length).toBeLessThanOrEqual(6)
    }),
  )
})

it('a setting is as short as it is', () => {
  expect([0.25, 31, 1e16, 2e21].map(formatSetting)).toEqual(['0.25', '31', '1e16', '2e21'])
})

it.each([
  [0.44123, 0.0036, 'number', '0.4412 ± 0.0036'],
  [-12.3456, 1.25, 'number', '−12.3 ± 1.3'],
  [123.4, 45.6, 'number', '123 ± 46'],
  [0.2012, 0.0123, 'percent', '20.1 ± 1.2 %'],
  [0.2012, 0.00031, 'percent', '20.120 ± 0.031 %'],
  [15.04, 0.5, 'points', '15.04 ± 0.50 points'],
  [0.2012, undefined, 'percent', '20.1 %'],
  [0.2012, 0, 'percent', '20.1 %'],
  [Number.NaN, Number.NaN, 'number', '–'],
  [1e16, 1e15, 'number', '1.00e16'],
] as const)('a mean %d with half an interval of %d, in %s, is %s', (mean, half, unit, text) =>
  expect(formatInterval(mean, half, unit)).toBe(text),
)

it.each([
  [
    [0.45, 0.0123],
    ['0.4500', '0.0123'],
  ],
  [
    [12.34, 9.876],
    ['12.34', '9.88'],
  ],
  [
    [1540, 0.33],
    ['1,540.0', '0.3'],
  ],
  [
    [154_000, 0.5],
    ['1.54e5', '0.50'],
  ],
  [
    [undefined, -0.5],
    ['–', '−0.50'],
  ],
])('values beside each other have as many decimals: %j', (values, texts) =>
  expect(formatAlike(values)).toEqual(texts),
)
