import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeCsv } from './csv'

it('quotes where it must and leaves fields empty where nothing was measured', () => {
  expect(
    encodeCsv(
      ['step', 'a,b'],
      [
        [1, 'say "x"'],
        [2, undefined],
        [3, Number.NaN],
      ],
    ),
  ).toBe('step,"a,b"\n1,"say ""x"""\n2,\n3,\n')
})

it('keeps every bit of a number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (x) => {
      expect(Number(encodeCsv(['x'], [[x]]).split('\n')[1]) + 0).toBe(x + 0)
    }),
  )
})
