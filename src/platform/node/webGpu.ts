/**
 * WebGPU in Node by Dawn (npm `webgpu`). Dawn finds GPUs through Vulkan, Metal or Direct3D; a machine without any may
 * still have Chromium's SwiftShader lying about.
 */
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { lendVulkanLoader } from './vulkanLoader'

/** Debian's Chromium brings this Vulkan driver that runs on the CPU. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json'

/** Where Vulkan's loader looks for the drivers of a Linux machine, unless VK_ICD_FILENAMES names others. */
const DRIVER_FOLDERS = ['/etc', '/usr/local/share', '/usr/share'].map((root) => join(root, 'vulkan/icd.d'))

/** Dawn, with a loader of Vulkan's drivers where there is one to be had. */
export function importDawn(): Promise<typeof import('webgpu')> {
  lendVulkanLoader()
  return import('webgpu')
}

/** Puts a GPU with an adapter where WebGPU code looks for it. @returns why not, if not */
export async function provideWebGpu(): Promise<string | undefined> {
  let webgpu: typeof import('webgpu')
  try {
    webgpu = await importDawn()
  } catch (error) {
    return `the webgpu package could not be loaded (${error instanceof Error ? error.message : error})`
  }
  Object.assign(globalThis, webgpu.globals)
  // tfjs asks for `window` to find out that it is not in a worker.
  Object.assign(globalThis, { window: globalThis })
  if (await offerGpu(webgpu.create)) return undefined
  const named = process.env.VK_ICD_FILENAMES
  if (named === undefined && existsSync(SWIFTSHADER)) {
    process.env.VK_ICD_FILENAMES = SWIFTSHADER
    if (await offerGpu(webgpu.create)) return undefined
  }
  return noAdapter(named)
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

/**
 * A driver that is installed is no adapter yet: most want their hardware, and Dawn refuses what lacks a feature of
 * WebGPU, as Mesa 22.3 does. Which were there tells one case from the other.
 */
function noAdapter(named: string | undefined): string {
  const none = 'no WebGPU adapter was found'
  if (named !== undefined) return `${none}: VK_ICD_FILENAMES allows ${named || 'no driver'} alone`
  const drivers = DRIVER_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder).map((file) => basename(file, '.json')),
  )
  if (drivers.length === 0) return none
  // Lavapipe computes on the processor, so that no hardware is missing.
  const old = drivers.some((name) => name.startsWith('lvp_'))
    ? '; Mesa 22.3, Debian 12’s own, is too old, its backports have one that will do'
    : ''
  return `${none}: Vulkan’s drivers here (${drivers.join(', ')}) lack their hardware or what WebGPU needs${old}`
}
