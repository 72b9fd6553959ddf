/** Devices for tests of f16 in Node. Chromium's SwiftShader has no 16-bit floats; Mesa's lavapipe has. */
import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { importDawn, provideWebGpu } from '../platform/node/webGpu'
import { initBackend } from './backend'
import * as tf from './tf'

/** The driver that VK_ICD_FILENAMES names, else lavapipe: Mesa has 16-bit floats in it from 23.2 on. */
const CANDIDATES = process.env.VK_ICD_FILENAMES?.split(delimiter) ?? [
  '/usr/share/vulkan/icd.d/lvp_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json',
]
export const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json'

/**
 * A file that describes a driver says nothing of its features, nor that WebGPU takes it (Mesa 22.3's lavapipe it does
 * not), so each is opened.
 * @returns the first driver with 16-bit floats; without one, undefined once it is said what was looked at
 */
export async function driverWithHalves(candidates = CANDIDATES): Promise<string | undefined> {
  const seen: string[] = []
  for (const icd of candidates) {
    const adapter = await adapterOf(icd)
    if (adapter?.features.has('shader-f16')) return icd
    seen.push(`${icd} ${adapter ? `(${adapter.info.description}) has none` : 'gives no adapter'}`)
  }
  console.warn(`Skipped, no driver with 16-bit floats (shader-f16): ${seen.join('; ') || 'none is named'}.`)
  return undefined
}

/** @returns what WebGPU makes of this driver; null if nothing */
export async function adapterOf(icd: string): Promise<GPUAdapter | null> {
  if (!existsSync(icd)) return null
  const { create } = await importDawn()
  const before = process.env.VK_ICD_FILENAMES
  process.env.VK_ICD_FILENAMES = icd
  try {
    return await create([]).requestAdapter()
  } finally {
    if (before === undefined) delete process.env.VK_ICD_FILENAMES
    else process.env.VK_ICD_FILENAMES = before
  }
}

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
