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

/** What a kernel may ask of the device it would run on. */
export interface AdapterFacts {
  /** SwiftShader, lavapipe, WARP: barriers and workgroup memory are slow, and compiling takes seconds. */
  isCpu: boolean
  limits: Pick<GPUSupportedLimits, 'maxComputeInvocationsPerWorkgroup' | 'maxComputeWorkgroupStorageSize'>
  features: Pick<ReadonlySet<string>, 'has'>
}

const facts = new WeakMap<GPUDevice, AdapterFacts>()

export function factsOf(device: GPUDevice): AdapterFacts {
  let known = facts.get(device)
  if (!known) {
    const { limits, features, adapterInfo } = device
    known = { isCpu: isCpuAdapter(adapterInfo), limits, features }
    facts.set(device, known)
  }
  return known
}
