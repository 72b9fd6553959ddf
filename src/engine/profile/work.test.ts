import { expect, it } from 'vitest'
import { noteWork, stockFlops, workOf } from './work'

const sized = (...shape: number[]) => ({ shape })

it('counts the operations of stock programs from their shapes', () => {
  // A strided 3 × 3 convolution, batch 2, 8 × 8 × 5 → 4 × 4 × 7, and its two gradients: the same products.
  const x = sized(2, 8, 8, 5)
  const w = sized(3, 3, 5, 7)
  const y = sized(2, 4, 4, 7)
  const flops = 2 * (2 * 4 * 4) * (3 * 3 * 5) * 7
  expect(stockFlops('conv2DMM_4_null', [x, w], y)).toBe(flops)
  expect(stockFlops('conv2DDerInput_true', [y, w], x)).toBe(flops)
  expect(stockFlops('conv2DDerFilter_true', [x, y], w)).toBe(flops)
  expect(stockFlops('matMulPacked_1', [sized(2, 3, 4), sized(2, 4, 5)], sized(2, 3, 5))).toBe(
    2 * 2 * 3 * 4 * 5,
  )
  expect(stockFlops('matMulReduce_1', [sized(1, 4, 3), sized(1, 4, 5)], sized(1, 3, 5))).toBe(2 * 3 * 4 * 5)
  expect(stockFlops('binary_0', [x, x], x)).toBeUndefined()
})

it('knows a dispatch by pipeline and size; different work under one size is averaged', () => {
  const pipeline = { label: 'labelled' } as GPUComputePipeline
  expect(workOf(pipeline, [1, 1, 1])).toEqual({ name: 'labelled', flops: undefined })
  noteWork(pipeline, 'conv', [4, 1, 1], 10)
  noteWork(pipeline, 'conv', [4, 1, 1], 20)
  noteWork(pipeline, 'conv', [8, 1, 1])
  expect(workOf(pipeline, [4, 1, 1])).toEqual({ name: 'conv', flops: 15 })
  expect(workOf(pipeline, [8, 1, 1])).toEqual({ name: 'conv', flops: undefined })
})
