/**
 * WebGPU in Node by Dawn (npm `webgpu`). Dawn finds GPUs through Vulkan, Metal or Direct3D; a machine without any may
 * still have Chromium's SwiftShader lying about.
 */
import { existsSync } from 'node:fs'

/** Debian's Chromium brings this Vulkan driver that runs on the CPU. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json'

/** Puts a GPU with an adapter where WebGPU code looks for it. @returns why not, if not */
export async function provideWebGpu(): Promise<string | undefined> {
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
