/** What decides whether tests of f16 run is the adapter's feature: files of drivers alone gave tests that could not run. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { adapterOf, driverWithHalves, SWIFTSHADER } from '../../engine/f16.testing'
import { startDevice } from './device'

const swiftShader = await adapterOf(SWIFTSHADER)

let folder: string
let icd: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basin-driver-'))
  icd = join(folder, 'lvp_icd.json')
  const library_path = join(folder, 'libvulkan_lvp.so')
  await writeFile(
    icd,
    JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path, api_version: '1.3' } }),
  )
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

it('a file whose driver gives no adapter is not taken, and the tests that need one say why they are skipped', async () => {
  const said = vi.spyOn(console, 'warn').mockImplementation(() => {})
  expect(await driverWithHalves([icd, join(folder, 'missing.json')])).toBeUndefined()
  expect(said.mock.calls).toEqual([
    [
      `Skipped, no driver with 16-bit floats (shader-f16): ${icd} gives no adapter; ${folder}/missing.json gives no adapter.`,
    ],
  ])
})

it.skipIf(!swiftShader)('nor is an adapter without the feature', async () => {
  const said = vi.spyOn(console, 'warn').mockImplementation(() => {})
  expect(await driverWithHalves([SWIFTSHADER])).toBeUndefined()
  expect(said).toHaveBeenCalledWith(expect.stringMatching(/icd\.json \(SwiftShader.*\) has none\.$/))
})

it.skipIf(!existsSync(SWIFTSHADER))(
  'Chromium’s driver is an adapter where nothing of Vulkan is installed',
  () => {
    expect(swiftShader?.info.description).toContain('SwiftShader')
  },
)

it('a command says which driver it was left with', async () => {
  vi.stubEnv('VK_ICD_FILENAMES', icd)
  const why = `no WebGPU adapter was found: VK_ICD_FILENAMES allows ${icd} alone`
  await expect(startDevice({ device: 'webgpu' })).rejects.toMatchObject({
    code: 'device',
    message: `device: webgpu was asked for, ${why}`,
    remedy: expect.stringContaining('--device wasm'),
  })
  expect((await startDevice({ device: 'auto' })).backend).toBe('wasm')
})
