import { expect, it } from 'vitest'
import { checkLimits } from './limits'

const limits = {
  maxStorageBuffersPerShaderStage: 8,
  maxStorageBufferBindingSize: 128 * 2 ** 20,
  maxBufferSize: 256 * 2 ** 20,
}

it('allows what fits exactly and says by how much the rest does not', () => {
  const whole = [32, 1024, 1024]
  expect(() => checkLimits('concat', Array(8).fill(whole), limits)).not.toThrow()
  expect(() => checkLimits('concat', Array(9).fill([1]), limits)).toThrow(
    'GPU: concat may bind 8 buffers, got 9',
  )
  expect(() => checkLimits('conv', [[1], [33, 1024, 1024]], limits)).toThrow(
    'GPU: conv may bind at most 128 MiB a tensor, got [33, 1024, 1024] with 132 MiB',
  )
  // A buffer cannot be bound larger than it can be made.
  const small = { ...limits, maxBufferSize: 4 * 2 ** 20 }
  expect(() => checkLimits('conv', [[2, 1024, 1024]], small)).toThrow('at most 4.00 MiB a tensor')
})
