/** What kind of machine an adapter is: a GPU, or a program on the CPU that behaves like one. */

const CPU_ADAPTERS = /swiftshader|llvmpipe|lavapipe|warp|software/i

/** What a platform tells of an adapter, the most telling first. */
export function adapterWords({ description, device, architecture, vendor }: GPUAdapterInfo): string[] {
  return [description, device, architecture, vendor].filter(Boolean)
}

/** True for SwiftShader, lavapipe, WARP and the like. */
export function isCpuAdapter(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || CPU_ADAPTERS.test(adapterWords(info).join(' '))
}
