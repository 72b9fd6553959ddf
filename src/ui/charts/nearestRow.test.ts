import { expect, it } from 'vitest'
import { nearestRow } from './nearestRow'

const ROWS = [{ x: 1, sgd: 3 }, { x: 2, sgdRaw: 5 }, { x: 4, sgd: undefined, sam: 1 }, { x: 8 }]
const at = (x: number, keys: string[]) => nearestRow(ROWS, keys, (value) => Math.abs(value - x))

it('is the nearest row that says something of these lines', () => {
  expect(at(2.4, ['sgd', 'sam'])?.x).toBe(1)
  expect(at(2.6, ['sgd', 'sam'])?.x).toBe(4)
  expect(at(100, ['sgd', 'sam'])?.x).toBe(4)
  expect(at(100, ['sgd'])?.x).toBe(1)
  expect(at(3, ['other'])).toBeUndefined()
  expect(nearestRow([], ['sgd'], Math.abs)).toBeUndefined()
})
