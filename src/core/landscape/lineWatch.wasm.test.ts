import { expect, it } from 'vitest'
import { startWasm } from '../../engine/wasm.testing'
import { watchedAndSliced } from './lineWatch.testing'

it('is the slice of its settings in WebAssembly too, recorded as it is', async () => {
  await startWasm(2)
  const { watched, sliced, left } = await watchedAndSliced({ model_name: 'mlp', mlp_layers: '5' })
  expect(watched).toEqual(sliced)
  expect(left).toBe(0)
})
