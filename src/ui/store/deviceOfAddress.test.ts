import { expect, it } from 'vitest'
import { deviceOfAddress } from './deviceOfAddress'

const read = (query: string) => deviceOfAddress(new URLSearchParams(query))

it('takes a device, or says that there is none of this name and why', () => {
  expect(read('')).toEqual({})
  expect(read('device=wasm')).toEqual({ prefer: 'wasm' })
  expect(read('device=tpu')).toEqual({ message: 'device: webgpu, wasm, cpu, got "tpu"; Basin chooses.' })
  expect(read('device=webgl').message).toMatch(/^device: .*got "webgl"; Basin chooses\. WebGL is gone: /)
})
