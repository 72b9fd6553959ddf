import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { expect, it } from 'vitest'
import { onWebGpu } from '../gpu.testing'
import * as tf from '../tf'

onWebGpu()

it('asks the adapter for its most, and refuses a kernel that binds more, before the device garbles it', async () => {
  const adapter = (await navigator.gpu.requestAdapter())!
  const { limits } = (tf.backend() as WebGPUBackend).device
  expect(limits.maxStorageBufferBindingSize).toBe(adapter.limits.maxStorageBufferBindingSize)
  expect(limits.maxBufferSize).toBe(adapter.limits.maxBufferSize)
  const most = limits.maxStorageBuffersPerShaderStage
  expect(most).toBe(adapter.limits.maxStorageBuffersPerShaderStage)

  const before = tf.memory().numTensors
  tf.tidy(() => {
    // All inputs and the output.
    const many = Array.from({ length: most }, (_, i) => tf.fill([3], i))
    expect(() => tf.addN(many)).toThrow(
      expect.objectContaining({
        code: 'device',
        message: expect.stringContaining(`may bind ${most} buffers, got ${most + 1}`),
      }),
    )
    // Larger than anything: no memory is taken for it.
    const rows = Math.ceil(limits.maxStorageBufferBindingSize / 4096) + 1
    const row = tf.fill([1, 1024], 1)
    expect(() => tf.tile(row, [rows, 1])).toThrow(
      expect.objectContaining({ code: 'device', message: expect.stringMatching(/MiB a tensor/) }),
    )
  })
  expect(tf.memory().numTensors).toBe(before)
  expect([...(await tf.addN([tf.scalar(1), tf.scalar(2)]).data())]).toEqual([3])
})
