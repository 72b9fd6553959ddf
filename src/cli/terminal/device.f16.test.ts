/** f16 is refused where there are no 16-bit floats, before anything is trained. */

import { describe, expect, it } from 'vitest'
import { f16IsOn } from '../../engine/device/f16'
import { adapterOf, provideDriver, SWIFTSHADER } from '../../engine/f16.testing'
import { deviceName, startDevice } from './device'

const swiftShader = await adapterOf(SWIFTSHADER)

describe('refused', () => {
  it('in plain JavaScript', async () => {
    await expect(startDevice({ device: 'cpu', f16: true })).rejects.toMatchObject({
      code: 'device',
      message: 'device: f16 needs WebGPU with shader-f16, got cpu',
      remedy: expect.stringContaining('--f16'),
    })
    expect(f16IsOn()).toBe(false)
    expect(deviceName(await startDevice({ device: 'cpu' }))).toBe('cpu (JavaScript)')
  })

  it.skipIf(!swiftShader)('on SwiftShader', async () => {
    await provideDriver(SWIFTSHADER)
    await expect(startDevice({ device: 'webgpu', f16: true })).rejects.toMatchObject({
      code: 'device',
      message: expect.stringMatching(/f16 needs WebGPU with shader-f16, got SwiftShader .*without it/),
    })
    expect(f16IsOn()).toBe(false)
    expect(deviceName(await startDevice({ device: 'webgpu' }))).toMatch(/^webgpu \(SwiftShader[^,]*\)$/)
  })
})
