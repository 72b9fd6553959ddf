import '@tensorflow/tfjs-backend-webgpu'
import { expect, it } from 'vitest'
import * as tf from '../../engine/tf'
import { watchedAndSliced } from './lineWatch.testing'

it('is the slice of its settings on WebGPU too, recorded as it is', async () => {
  await tf.setBackend('webgpu')
  const { watched, sliced, left } = await watchedAndSliced({ model_name: 'mlp', mlp_layers: '5' })
  expect(watched).toEqual(sliced)
  expect(left).toBe(0)
})
