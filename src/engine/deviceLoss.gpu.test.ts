/** A device that goes away in the middle of replays: one coded error, told once, wherever it is met. */
import '@tensorflow/tfjs-backend-webgpu'
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { expect, it } from 'vitest'
import type { BasinError } from '../core/errors'
import { initBackend } from './backend'
import { capture } from './capture/capture'
import { onDeviceLost, readTensor } from './deviceLoss'
import * as tf from './tf'

it('ends a read and every later replay with code device', async () => {
  const told: BasinError[] = []
  onDeviceLost((error) => told.push(error))
  await initBackend('webgpu')
  const { device } = tf.backend() as WebGPUBackend
  const f = capture(({ x }: { x: tf.Tensor }) => tf.square(x))
  const x = tf.tensor1d([1, 2, 3])
  expect([...(await readTensor(f({ x })))]).toEqual([1, 4, 9])
  const pending = f({ x })
  const read = readTensor(pending)
  device.destroy()
  await expect(read).rejects.toMatchObject({ code: 'device', message: expect.stringMatching(/lost/) })
  expect(() => f({ x })).toThrow(expect.objectContaining({ code: 'device' }))
  await expect(readTensor(tf.tidy(() => tf.square(x)))).rejects.toMatchObject({ code: 'device' })
  expect(told).toHaveLength(1)
})
