import { expect, it } from 'vitest'
import type { AdapterFacts } from '../device/adapter'
import { KernelChoices } from './choices'
import type { Candidate, Operation, Request } from './operation'

type Call = { size: number }

const candidate = (name: string, least = 0): Candidate<Call> => ({
  name,
  applies: ({ size }) => size >= least,
  run: () => ({ dataId: {}, shape: [], dtype: 'float32' }),
})
const [plain, tiled] = [candidate('plain'), candidate('tiled', 10)]
const operation: Operation<Call> = {
  name: 'Product',
  read: () => undefined,
  key: ({ size }) => `${size}`,
  candidates: [plain, tiled],
  rule: () => plain,
}
const adapter = { isCpu: false } as AdapterFacts

function request(size: number): Request<Call> {
  const inputs = { a: { dataId: {}, shape: [size], dtype: 'float32' as const } }
  return { args: { inputs, backend: {}, attrs: {} }, call: { size }, stock: () => [] }
}

it('follows the rule and notes nothing while it is off', () => {
  const choices = new KernelChoices()
  expect(choices.pick(operation, request(20), adapter)).toBe(plain)
  expect(choices.noted).toEqual([])
})

it('notes each shape once, with what its inputs are and the kernels that take it, the rule’s first', () => {
  const choices = new KernelChoices()
  choices.restart(true)
  for (const size of [20, 20, 30, 5]) expect(choices.pick(operation, request(size), adapter)).toBe(plain)
  // Of a size that only one kernel takes nothing is to be found out.
  expect(choices.noted.map(({ key }) => key)).toEqual(['Product 20', 'Product 30'])
  expect(choices.noted[0].inputs).toEqual({ a: { shape: [20], dtype: 'float32' } })
  expect(choices.noted[0].candidates.map(({ name }) => name)).toEqual(['plain', 'tiled'])
})

it('takes what was decided, and says whether that changes anything', () => {
  const choices = new KernelChoices()
  choices.restart(true)
  for (const size of [20, 30]) choices.pick(operation, request(size), adapter)
  const [first, second] = choices.noted
  expect(choices.decide(first, 'tiled')).toBe(true)
  expect(choices.decide(second, 'plain')).toBe(false)
  expect(choices.pick(operation, request(20), adapter)).toBe(tiled)
  expect(choices.pick(operation, request(30), adapter)).toBe(plain)
  expect(choices.noted).toEqual([])
  expect(choices.decisions).toEqual({ 'Product 20': 'tiled', 'Product 30': 'plain' })
})

it('passes over stored names of kernels that are no more or do not take the shape, and finds out anew', () => {
  const choices = new KernelChoices()
  choices.restart(true, { 'Product 20': 'gone', 'Product 5': 'tiled', 'Product 30': 'tiled' })
  expect(choices.pick(operation, request(30), adapter)).toBe(tiled)
  expect(choices.pick(operation, request(20), adapter)).toBe(plain)
  expect(choices.pick(operation, request(5), adapter)).toBe(plain)
  expect(choices.noted.map(({ key }) => key)).toEqual(['Product 20'])
})
