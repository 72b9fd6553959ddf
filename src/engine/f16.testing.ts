/** Devices for tests of f16 in Node. Chromium's SwiftShader has no 16-bit floats; Mesa's lavapipe has. */
import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { provideWebGpu } from '../platform/node/webGpu'
import { initBackend } from './backend'
import * as tf from './tf'

const found = (...paths: string[]) => paths.find((path) => existsSync(path))

/** Mesa 23.2 or later: Debian 13's mesa-vulkan-drivers, or Debian 12's from its backports. */
export const LAVAPIPE = found(
  '/usr/share/vulkan/icd.d/lvp_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json',
)
export const SWIFTSHADER = found('/usr/lib/chromium/vk_swiftshader_icd.json')

/** Puts this driver's adapter where WebGPU code looks for it. */
export async function provideDriver(icd: string): Promise<void> {
  process.env.VK_ICD_FILENAMES = icd
  const missing = await provideWebGpu()
  if (missing) throw new Error(missing)
}

/** Dawn's device that checks everything and computes nothing: it has every feature, on any machine. */
export async function provideChecker(): Promise<void> {
  const { create, globals } = await import('webgpu')
  const navigator = { gpu: create(['backend=null']) }
  Object.assign(globalThis, globals, { window: globalThis })
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true })
}

/** Call at the top of a test file: `open`'s WebGPU with f16 on; any error of the device fails the test it came from. */
export function onF16(open: () => Promise<void>): void {
  const errors: string[] = []
  let before: number
  beforeAll(async () => {
    await open()
    await initBackend('webgpu', { f16: true })
    const { device } = tf.backend() as unknown as { device: GPUDevice }
    device.onuncapturederror = ({ error }) => errors.push(error.message)
    before = tf.memory().numTensors
  }, 60_000)
  afterEach(() => expect(errors.splice(0)).toEqual([]))
  afterAll(() => expect(tf.memory().numTensors).toBe(before))
}

/** The half nearest to x, ties to even; infinite beyond what halves hold. */
export function roundToHalf(x: number): number {
  const size = Math.abs(x)
  if (!(size < 65_520)) return Number.isNaN(x) ? x : Math.sign(x) * Number.POSITIVE_INFINITY
  const ulp = 2 ** (Math.max(-14, Math.floor(Math.log2(size || 1))) - 10)
  const low = Math.floor(size / ulp)
  const rest = size / ulp - low
  const rounded = (rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low) * ulp
  return x < 0 || Object.is(x, -0) ? -rounded : rounded
}
