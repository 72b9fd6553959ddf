/** A device that goes away in the middle of replays: one coded error, told once, wherever it is met. */
import '@tensorflow/tfjs-backend-webgpu'
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { expect, it } from 'vitest'
import type { BasinError } from '../../base/errors'
import { initBackend } from '../backend'
import { capture } from '../capture/capture'
import * as tf from '../tf'
import { onDeviceLost, readTensor } from './loss'

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

it('takes a device that ran out of memory for lost, in words of its own, once', async () => {
  const told: BasinError[] = []
  onDeviceLost((error) => told.push(error))
  await initBackend('webgpu')
  const { device } = tf.backend() as WebGPUBackend
  const x = tf.tensor1d([1, 2, 3])
  const outOfMemory = new GPUOutOfMemoryError('no room for 4 GiB')
  device.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error: outOfMemory }))
  expect(told).toMatchObject([{ code: 'device', message: 'GPU: out of memory (no room for 4 GiB)' }])
  expect(told[0].remedy).toMatch(/smaller batch, more replicas or a smaller network/)
  const f = capture(({ x }: { x: tf.Tensor }) => tf.square(x))
  expect(() => f({ x })).toThrow(expect.objectContaining({ code: 'device' }))
  device.destroy()
  await device.lost
  expect(told).toHaveLength(1)
})
