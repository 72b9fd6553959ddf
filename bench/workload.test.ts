import { expect, it } from 'vitest'
import { makeWorkload, networkOf, packWorkload, type Spec } from './workload'

const SPEC: Spec = { model: 'WideResnet28x10_slice', shape: [32, 32, 3], batch: 2 }

it('the slice is WideResnet28x10 with one block a group', () => {
  const names = networkOf(SPEC).params.entries.map(({ name }) => name)
  expect(names.filter((name) => /conv1\/kernel$/.test(name))).toHaveLength(3)
  expect(networkOf(SPEC).params.entries.find(({ name }) => name === 'Dense_3/kernel')?.shape).toEqual([
    640, 10,
  ])
})

it('numbers come out of the bytes as they went in, the same every time', () => {
  const spec: Spec = { model: 'mlp', shape: [4, 4, 1], batch: 20 }
  const made = makeWorkload(spec)
  const { head, bytes } = packWorkload(made)
  expect(new Float32Array(bytes.buffer, 0, head.parameters)).toEqual(made.theta)
  expect(bytes.slice(4 * head.parameters, 4 * head.parameters + 320)).toEqual(made.images)
  expect(bytes.slice(-20)).toEqual(made.labels)
  expect(head.entries.reduce((sum, { size }) => sum + size, 0)).toBe(head.parameters)
  expect(packWorkload(makeWorkload(spec)).bytes).toEqual(bytes)
})
