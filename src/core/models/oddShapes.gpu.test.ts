import { describe, expect, it } from 'vitest'
import { onWebGpu, startBackend } from '../../engine/gpu.testing'
import { ODD_SHAPES, oddGradient } from './oddShapes.testing'

onWebGpu()

describe('gradients at odd shapes on WebGPU', () => {
  it.each(ODD_SHAPES.map(([name]) => name))('%s: as tfjs cpu has them', async (name) => {
    await startBackend('cpu')
    const expected = await oddGradient(name)
    await startBackend('webgpu')
    const actual = await oddGradient(name)
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3)
    expect(actual.length).toBe(expected.length)
    for (let i = 0; i < expected.length; i++) {
      expect(Math.abs(actual[i] - expected[i])).toBeLessThan(2e-4 * largest)
    }
  })
})
