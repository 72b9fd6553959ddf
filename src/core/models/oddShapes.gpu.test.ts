import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { ODD_SHAPES, oddGradient } from './oddShapes.testing'

beforeAll(async () => {
  await initBackend('webgpu')
  // Otherwise small tensors never leave the CPU and nothing of the GPU is tested.
  tf.env().set('WEBGPU_CPU_FORWARD', false)
})

describe('gradients at odd shapes on WebGPU', () => {
  it.each(ODD_SHAPES.map(([name]) => name))('%s: as tfjs cpu has them', async (name) => {
    await tf.setBackend('cpu')
    const expected = await oddGradient(name)
    await tf.setBackend('webgpu')
    const actual = await oddGradient(name)
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3)
    expect(actual.length).toBe(expected.length)
    for (let i = 0; i < expected.length; i++) {
      expect(Math.abs(actual[i] - expected[i])).toBeLessThan(2e-4 * largest)
    }
  })
})
