import { expect, it } from 'vitest'
import { onWebGpu } from '../../engine/gpu.testing'
import { watchedAndSliced } from './lineWatch.testing'

onWebGpu()

it('is the slice of its settings on WebGPU too, recorded as it is', async () => {
  const { watched, sliced, left } = await watchedAndSliced({ model_name: 'mlp', mlp_layers: '5' })
  expect(watched).toEqual(sliced)
  expect(left).toBe(0)
})
