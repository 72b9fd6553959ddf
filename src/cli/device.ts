/**
 * The device in Node: WebGPU by Dawn (npm `webgpu`), else plain JavaScript. Dawn finds GPUs through Vulkan, Metal or
 * Direct3D; a machine without any may still have Chromium's SwiftShader lying about.
 */
import { existsSync } from 'node:fs'
import { BasinError } from '../core/errors'
import { type Device, initBackend, onDeviceLost } from '../engine/backend'
import * as tf from '../engine/tf'

export const DEVICE_CHOICES = ['auto', 'webgpu', 'cpu'] as const
export type DeviceChoice = (typeof DEVICE_CHOICES)[number]

/** Debian's Chromium brings this Vulkan driver that runs on the CPU. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json'

const CPU_NOTE =
  'Training runs in plain JavaScript, which is much slower than a GPU. A graphics driver with Vulkan (Linux), Metal or Direct3D 12 gives WebGPU.'
const FALLBACK_NOTE =
  'This adapter runs on the CPU: training is much slower than on a GPU. A graphics driver with Vulkan (Linux), Metal or Direct3D 12 gives one.'

/**
 * Sets the tfjs backend.
 * @returns what runs; its note is written for a terminal
 * @throws BasinError `device` when WebGPU was asked for and there is none
 */
export async function startDevice(choice: DeviceChoice): Promise<Device> {
  // Without it TensorFlow.js advertises its native Node backend, which is another program.
  tf.env().set('PROD', true)
  // Whoever waits for a lost device waits for ever. What was saved before is whole.
  onDeviceLost(({ message }) => {
    console.error(`error: ${message}\nThe same command continues from the last checkpoint.`)
    process.exit(1)
  })
  if (choice !== 'cpu') {
    const missing = await provideWebGpu()
    if (missing === undefined) {
      const device = await initBackend('webgpu')
      return device.isFallback ? { ...device, note: FALLBACK_NOTE } : device
    }
    if (choice === 'webgpu') {
      throw new BasinError(
        'device',
        `device: webgpu was asked for, ${missing}`,
        'Install a graphics driver, or Chromium for its SwiftShader, or use --device cpu.',
      )
    }
    return { ...(await initBackend('cpu')), note: `${capital(missing)}. ${CPU_NOTE}` }
  }
  return { ...(await initBackend('cpu')), note: CPU_NOTE }
}

/** Puts a GPU with an adapter where WebGPU code looks for it. @returns why not, if not */
async function provideWebGpu(): Promise<string | undefined> {
  let webgpu: typeof import('webgpu')
  try {
    webgpu = await import('webgpu')
  } catch (error) {
    return `the webgpu package could not be loaded (${error instanceof Error ? error.message : error})`
  }
  Object.assign(globalThis, webgpu.globals)
  // tfjs asks for `window` to find out that it is not in a worker.
  Object.assign(globalThis, { window: globalThis })
  if (await offerGpu(webgpu.create)) return undefined
  if (process.env.VK_ICD_FILENAMES === undefined && existsSync(SWIFTSHADER)) {
    process.env.VK_ICD_FILENAMES = SWIFTSHADER
    if (await offerGpu(webgpu.create)) return undefined
  }
  return 'no WebGPU adapter was found'
}

async function offerGpu(create: (options: string[]) => GPU): Promise<boolean> {
  const gpu = create([])
  if (!(await gpu.requestAdapter())) return false
  // Node's own navigator is a getter without a setter and has no gpu.
  const navigator = globalThis.navigator ?? {}
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true })
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true })
  return true
}

const capital = (text: string) => text[0].toUpperCase() + text.slice(1)

/** `webgpu (NVIDIA H100)` */
export function deviceName({ backend, adapter }: Device): string {
  return `${backend} (${adapter})`
}
