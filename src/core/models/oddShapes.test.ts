import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf'
import { ODD_SHAPES, oddCase, oddGradient } from './oddShapes.testing'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

describe('gradients at odd shapes', () => {
  it.each(ODD_SHAPES.map(([name]) => name))('%s: as central differences have them', async (name) => {
    const { theta, input, inputShape, draw, value } = oddCase(name)
    const gradient = await oddGradient(name)
    const direction = draw(gradient.length)
    const at = async (step: number) => {
      const moved = (values: Float32Array, offset: number) =>
        values.map((v, i) => v + step * direction[offset + i])
      const here = tf.tensor1d(moved(theta, 0))
      const seen = tf.tensor4d(moved(input, theta.length), inputShape)
      return (await value(here, seen).data())[0]
    }
    const slope = gradient.reduce((sum, g, i) => sum + g * direction[i], 0)
    const h = 1e-3
    const difference = ((await at(h)) - (await at(-h))) / (2 * h)
    const size = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0))
    expect(Math.abs(slope - difference)).toBeLessThan(0.01 * (Math.abs(slope) + size) + 1e-3)
  })
})
